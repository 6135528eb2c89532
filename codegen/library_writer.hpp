// Writes extracted stencils as C++ source: constant data in the form of jit/stencil.hpp.
#pragma once

#include <string>

#include "codegen/object_reader.hpp"

namespace selvage::codegen {

// The text of stencil_library.cpp, which defines selvage::stencilLibrary, and of its header. `headerName` is what the
// source includes; `libraryName` is the name of the object of type StencilLibrary.
std::string librarySource(const ExtractedLibrary& library, const std::string& headerName,
                          const std::string& libraryName);
std::string libraryHeader(const ExtractedLibrary& library, const std::string& libraryName);

}  // namespace selvage::codegen
