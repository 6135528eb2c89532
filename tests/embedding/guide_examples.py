#!/usr/bin/env python3
"""Makes a test program of the examples in guides: guide_examples.py GUIDE.md... OUTPUT.cpp

Each ```cpp block becomes a test case in which `lua` is a state with its libraries opened and `assert` is checked. A block
after a line `<!-- declarations -->` stands outside of functions, for the blocks that follow it.
"""

import os
import re
import sys

BLOCK = re.compile(r"^(<!-- declarations -->\n)?```cpp\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(guide):
    name = "docs/" + os.path.basename(guide)
    with open(guide, encoding="utf-8") as file:
        text = file.read()
    for block in BLOCK.finditer(text):
        line = text.count("\n", 0, block.start(2)) + 1
        place = f'#line {line} "{name}"\n'
        if block.group(1):
            yield place + block.group(2)
        else:
            yield (f'TEST_CASE("{name}, line {line}", "[guide]") {{\n'
                   f"selvage::state lua = newTestState();\n{place}{block.group(2)}}}\n")


def main():
    *guides, output = sys.argv[1:]
    parts = ['#include "interface_state.hpp"\n', "#include <selvage/bounds.hpp>\n#include <map>\n#include <set>\n#include <variant>\n"
             "#undef assert\n#define assert(...) REQUIRE((__VA_ARGS__))\n", "namespace {\n"]
    for guide in guides:
        parts.extend(examples(guide))
    parts.append("}  // namespace\n")
    with open(output, "w", encoding="utf-8") as file:
        file.write("\n".join(parts))


main()
