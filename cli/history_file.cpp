// Where the history is kept; see the header.
#include "cli/history_file.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace selvage {

namespace {

// The specification of these folders has relative names ignored.
std::optional<std::filesystem::path> absolutePath(const char* text) {
  if (text == nullptr || text[0] != '/') return std::nullopt;
  return text;
}

std::optional<std::filesystem::path> stateFolder() {
  if (auto folder = absolutePath(std::getenv("XDG_STATE_HOME"))) return folder;
  auto home = absolutePath(std::getenv("HOME"));
  if (!home) {
    const passwd* user = getpwuid(getuid());
    home = absolutePath(user == nullptr ? nullptr : user->pw_dir);
  }
  if (!home) return std::nullopt;
  return *home / ".local" / "state";
}

// Like mkdir -p, but what is made is private.
bool makeFolders(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return true;
  if (folder.has_parent_path() && folder.parent_path() != folder && !makeFolders(folder.parent_path())) return false;
  if (!std::filesystem::create_directory(folder, error)) return std::filesystem::is_directory(folder, error);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  return !error;
}

}  // namespace

std::optional<std::string> historyFile() {
  const std::optional<std::filesystem::path> state = stateFolder();
  if (!state || !makeFolders(*state / "selvage")) return std::nullopt;
  return (*state / "selvage" / "history").string();
}

}  // namespace selvage
