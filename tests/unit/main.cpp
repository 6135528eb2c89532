// The main function of the unit tests, in a file of its own because Catch2's takes long to compile.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
