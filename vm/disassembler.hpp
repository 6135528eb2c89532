// Listing bytecode for people.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "vm/function.hpp"

namespace selvage {

// A listing of a function's code, constants, locals and upvalues, and of the functions in it if `recursive`. When
// `sourceLines` holds the text of the chunk, each line is shown above the first instruction that it led to.
std::string disassemble(const Proto& proto, bool recursive, std::span<const std::string_view> sourceLines = {});
// One instruction: its opcode in upper case and its operands.
std::string disassembleInstruction(const Proto& proto, uint32_t position);

}  // namespace selvage
