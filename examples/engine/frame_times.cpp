#include "frame_times.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace engine {

namespace {

template <class... Values>
std::string format(const char* pattern, Values... values) {
  char line[160];
  std::snprintf(line, sizeof line, pattern, values...);
  return line;
}

}  // namespace

void FrameTimes::add(double seconds, double collector) {
  seconds_.push_back(seconds);
  total_ += seconds;
  collector_ += collector;
  longestCollection_ = std::max(longestCollection_, collector);
  if (collector > 0) ++collections_;
}

double FrameTimes::percentile(const std::vector<double>& sorted, double part) {
  const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

std::string FrameTimes::report() const {
  if (seconds_.empty()) return "no frames\n";
  std::vector<double> sorted = seconds_;
  std::sort(sorted.begin(), sorted.end());

  // Four classes to each doubling of the time.
  constexpr double classesPerDoubling = 4;
  const auto classOf = [](double seconds) {
    return static_cast<int>(std::floor(std::log2(std::max(seconds, 1e-7)) * classesPerDoubling));
  };
  const int first = classOf(sorted.front());
  std::vector<std::size_t> counts(static_cast<std::size_t>(classOf(sorted.back()) - first) + 1);
  for (const double seconds : sorted) ++counts[static_cast<std::size_t>(classOf(seconds) - first)];
  const std::size_t most = *std::max_element(counts.begin(), counts.end());

  std::string text = "frame times\n";
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double from = std::exp2((first + static_cast<int>(i)) / classesPerDoubling);
    const auto width = (counts[i] * 50 + most - 1) / most;
    text += format("  from %8.3f ms %7zu %s\n", from * 1e3, counts[i], std::string(width, '#').c_str());
  }
  text += format("median %.3f ms, p99 %.3f ms, maximum %.3f ms over %zu frames\n", percentile(sorted, 0.5) * 1e3,
                 percentile(sorted, 0.99) * 1e3, sorted.back() * 1e3, sorted.size());
  text += format("collector: %.1f %% of the time, in %zu frames, at most %.3f ms in one\n",
                 total_ > 0 ? 100 * collector_ / total_ : 0.0, collections_, longestCollection_ * 1e3);
  return text;
}

}  // namespace engine
