// Proving that bytecode from outside cannot harm the VM.
//
// Code that the compiler made is right by construction; code from string.load may be anything. A verified proto only
// names slots, constants, caches, upvalues and functions that exist, stays inside its code, keeps the hidden slots of
// running loops as the loop instructions left them, hands over variable numbers of values only from an instruction
// that counted them, fills lists only into new tables, passes a safepoint in every cycle, and leaves no open upvalue or
// pending to-be-closed variable behind. docs/verifier.md lists all that is proved and who relies on it.
#pragma once

#include <string>

#include "vm/function.hpp"

namespace selvage {

// Checks one proto (its nested ones only as far as this one refers to them). False: `why` says what is wrong.
bool verifyProto(VM& vm, const Proto& proto, Text& why);
// The same for a proto and all that are nested in it.
bool verifyProtos(VM& vm, const Proto& proto, Text& why);

}  // namespace selvage
