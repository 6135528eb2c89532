// What the stencil compiler must refuse: the objects made of tests/codegen/rejected/*.s when the tests are built.
#include "codegen/object_reader.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace selvage::codegen;

TEST_CASE("objects that are no stencils are refused with the reason", "[object_reader]") {
  // The build gives the folders of the texts and of the objects.
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SELVAGE_REJECTED_SOURCES)) {
    if (entry.path().extension() != ".s") continue;
    ++count;
    std::ifstream file(entry.path());
    std::string line;
    REQUIRE(std::getline(file, line));
    constexpr std::string_view marker = "# expect: ";
    INFO(entry.path().filename().string());
    REQUIRE(line.starts_with(marker));
    std::string expected = line.substr(marker.size());

    ExtractedLibrary library;
    std::vector<std::string> errors;
    std::string object = std::string(SELVAGE_REJECTED_OBJECTS) + "/" + entry.path().stem().string() + ".o";
    CHECK_FALSE(readLibrary(object, library, errors));
    REQUIRE(errors.size() == 1);
    INFO(errors[0]);
    CHECK(errors[0].find(expected) != std::string::npos);
  }
  CHECK(count >= 18);
}

TEST_CASE("a file that is no object is refused", "[object_reader]") {
  ExtractedLibrary library;
  std::vector<std::string> errors;
  CHECK_FALSE(readLibrary(std::string(SELVAGE_REJECTED_SOURCES) + "/no_table.s", library, errors));
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].find("no_table.s") != std::string::npos);
  std::vector<SourceRow> rows;
  std::string error;
  CHECK_FALSE(readSourceTable(std::string(SELVAGE_REJECTED_OBJECTS) + "/does_not_exist.o", rows, error));
  CHECK(error.find("does_not_exist.o") != std::string::npos);
}
