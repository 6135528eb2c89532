// Warnings; see the header.
#include "stdlib/warnings.hpp"

#include <string_view>

#include "stdlib/library_state.hpp"
#include "stdlib/standard_error.hpp"

namespace selvage {

void writeWarning(VM& vm, const char* text, bool toBeContinued) {
  LibraryState& state = libraryState(vm);
  const std::string_view piece = text;
  // While warnings are off, each piece is looked at on its own, as in the reference.
  const bool isControl = !toBeContinued && !state.isInsideWarning && piece.starts_with('@');
  if (isControl) {
    if (piece == "@on") state.warningsAreOn = true;
    if (piece == "@off") state.warningsAreOn = false;
    return;
  }
  if (state.warningsAreOn) {
    if (!state.isInsideWarning) writeStandardError("Lua warning: ");
    writeStandardError(piece);
    if (!toBeContinued) writeStandardError("\n");
  }
  state.isInsideWarning = toBeContinued && state.warningsAreOn;
}

}  // namespace selvage
