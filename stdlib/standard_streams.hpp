// Standard output and its neighbours.
//
// The reference flushes standard output after every print, which costs a system call a line. Here it is flushed
// whenever somebody could notice: at each line on a terminal, before standard input is waited for, before anything goes
// to standard error, before another process is started and at the end.
#pragma once

#include <string_view>

namespace selvage {

void flushAfterPrint();
// Before anything that makes the order of effects visible.
void flushStandardOutput();
// Unbuffered, behind what standard output still held.
void writeStandardError(std::string_view text);

}  // namespace selvage
