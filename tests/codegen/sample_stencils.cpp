// Stencils for tests of the stencil pipeline, written as Lua's are: an operand is the address of a hole.
// The build puts this file through the same steps; it is not linked into anything.
#include "tests/codegen/sample_stencils.hpp"

#include "stencils/stencil_source.hpp"
#include "vm/value.hpp"

extern "C" {
extern char hole_a[], hole_a_tag[], hole_b_tag[], hole_b_integer[], hole_b_float[], hole_b_number[], hole_c_tag[],
    hole_c_integer[], hole_c_float[], hole_w[];
extern selvage::Handler hole_next, hole_jump, sample_slowAdd, sample_leave;
}

namespace selvage::sample {
namespace {

template <class T>
T& at(const Machine& m, const char* hole, uint64_t offset = 0) {
  return *reinterpret_cast<T*>(reinterpret_cast<uint64_t>(m.base) + reinterpret_cast<uint64_t>(hole) + offset);
}

Tag& tagAt(const Machine& m, const char* hole) { return at<Tag>(m, hole, offsetof(Value, tag)); }

SELVAGE_HANDLER void nothing(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  SELVAGE_GO(m, &hole_next);
}

SELVAGE_HANDLER void load(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  at<int64_t>(m, hole_a) = reinterpret_cast<int64_t>(hole_w);
  tagAt(m, hole_a_tag) = Tag::Integer;
  SELVAGE_GO(m, &hole_next);
}

SELVAGE_HANDLER void add(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  if (tagAt(m, hole_b_tag) == Tag::Integer && tagAt(m, hole_c_tag) == Tag::Integer) {
    at<int64_t>(m, hole_a) = at<int64_t>(m, hole_b_integer) + at<int64_t>(m, hole_c_integer);
    tagAt(m, hole_a_tag) = Tag::Integer;
    SELVAGE_GO(m, &hole_next);
  }
  if (tagAt(m, hole_b_tag) == Tag::Float && tagAt(m, hole_c_tag) == Tag::Float) {
    at<double>(m, hole_a) = at<double>(m, hole_b_float) + at<double>(m, hole_c_float);
    tagAt(m, hole_a_tag) = Tag::Float;
    SELVAGE_GO(m, &hole_next);
  }
  asm("movabs $hole_pc, %0" : "=r"(m.pc));
  SELVAGE_GO(m, &sample_slowAdd);
}

SELVAGE_HANDLER void jumpIfLess(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  if (at<int64_t>(m, hole_a) < at<int64_t>(m, hole_b_integer)) SELVAGE_GO(m, &hole_jump);
  SELVAGE_GO(m, &hole_next);
}

SELVAGE_HANDLER void negate(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  at<double>(m, hole_a) = -__builtin_fabs(at<double>(m, hole_b_float)) * 2.5;
  tagAt(m, hole_a_tag) = Tag::Float;
  SELVAGE_GO(m, &hole_next);
}

SELVAGE_HANDLER void call(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  asm("leaq hole_resume(%%rip), %0" : "=r"(m.x0));
  SELVAGE_GO(m, at<Handler*>(m, hole_a));
}

// Comes back with a number in x0, of which it makes the call's result.
SELVAGE_HANDLER void callResume(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  at<uint64_t>(m, hole_a) = m.x0;
  tagAt(m, hole_a_tag) = Tag::Integer;
  SELVAGE_GO(m, &hole_next);
}

SELVAGE_HANDLER void remember(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  uint64_t pcNumber, userNumber;
  asm("movabs $hole_pc, %0" : "=r"(pcNumber));
  asm("movabs $hole_user0, %0" : "=r"(userNumber));
  at<uint64_t>(m, hole_a) = pcNumber + userNumber;
  tagAt(m, hole_a_tag) = Tag::Integer;
  SELVAGE_GO(m, &hole_next);
}

SELVAGE_HANDLER void subtractHalf(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  at<int64_t>(m, hole_a) -= reinterpret_cast<int64_t>(hole_b_number) >> 1;
  SELVAGE_GO(m, &hole_next);
}

SELVAGE_HANDLER void leave(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  SELVAGE_GO(m, &sample_leave);
}

}  // namespace

extern "C" {
extern const StencilSource sampleStencilSources[];
[[gnu::used, gnu::section("selvage_stencils")]] const StencilSource sampleStencilSources[] = {
    {leave, "Leave", opcodeLeave, 0, 0},
    {nothing, "Nothing", opcodeNothing, 0, 0},
    {load, "Load", opcodeLoad, 0, 0},
    {add, "Add", opcodeAdd, 0, 0},
    {jumpIfLess, "JumpIfLess", opcodeJumpIfLess, 0, 0},
    {negate, "Negate", opcodeNegate, 0, 0},
    {callResume, "Call.resume", opcodeCall, 0, 1},
    {call, "Call", opcodeCall, 0, 0},
    {remember, "Remember", opcodeRemember, 0, 0},
    {subtractHalf, "SubtractHalf", opcodeSubtractHalf, 0, 0},
};
}

}  // namespace selvage::sample
