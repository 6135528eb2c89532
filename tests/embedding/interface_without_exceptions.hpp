// What interface_without_exceptions.cpp, which is compiled with -fno-exceptions, tells the tests.
#pragma once

#include <string>
#include <vector>

/// Uses the interface through results only. Returns what was not as it should be.
std::vector<std::string> useWithoutExceptions(const char* jitMode);
