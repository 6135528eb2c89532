// What bytecode may ask for: the bounds within which the compiler stays and beyond which the verifier refuses.
#pragma once

#include <cstdint>

namespace selvage {

constexpr uint32_t maxRegisters = 254;        // live at once in one function: the reference's limit, whose frames have
                                              // no header slots
constexpr uint32_t maxFrameSlots = 512;       // with the headers of open call frames
constexpr uint32_t maxNestedProtos = 0xFFFF;  // directly in one function
constexpr uint32_t maxUpvalues = 255;         // of one function
constexpr uint32_t maxTemplateKeys = 255;     // of one constructor; a table with more is data, not a record
constexpr uint32_t maxTemplateArray = 1U << 20;  // elements that a template asks for; more come as they are stored

}  // namespace selvage
