// Binary chunks: what string.dump writes and load reads.
#pragma once

#include <string>
#include <string_view>

#include "vm/vm.hpp"

namespace selvage {

// The first byte of every binary chunk; no source text begins with it.
constexpr char binaryChunkMark = '\x1b';

// Appends a function and all that are nested in it to `out`. `strip` leaves out lines, names and the chunk's name.
// False when the function is too deeply nested to be read back.
bool dumpFunction(VM& vm, const Proto& proto, bool strip, Text& out);

// Reads a binary chunk, verifies it, and hands its protos to vm.engine.prepareProto. Null on an error, with the
// reference's message in `error`. A chunk that was dumped without its name gets "=?". Never runs the collector.
Proto* loadBinary(VM& vm, std::string_view bytes, std::string_view chunkName, Text& error);

}  // namespace selvage
