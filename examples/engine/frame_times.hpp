// How long frames took: a histogram, and the collector's share.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace engine {

class FrameTimes {
 public:
  /// Adds a frame, in seconds, and how much of it the collector took.
  void add(double seconds, double collector);

  /// The histogram with median, 99th percentile and maximum, as lines of text.
  std::string report() const;

 private:
  static double percentile(const std::vector<double>& sorted, double part);

  std::vector<double> seconds_;
  double total_ = 0;
  double collector_ = 0;
  double longestCollection_ = 0;
  std::size_t collections_ = 0;
};

}  // namespace engine
