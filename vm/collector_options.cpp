#include "vm/collector_options.hpp"

#include <algorithm>
#include <utility>

#include "vm/heap.hpp"

namespace selvage {

namespace {

void setUnlessZero(int& parameter, int64_t value) {
  if (value != 0) parameter = static_cast<uint8_t>(value);
}

void setPercentageUnlessZero(int& parameter, int64_t value) {
  if (value != 0) exchangePercentage(parameter, value);
}

}  // namespace

bool makeStep(VM& vm, int64_t kilobytes) {
  CollectorSettings& settings = collectorSettings(vm);
  constexpr int64_t mostKilobytes = int64_t{1} << 40;
  constexpr int largestStepSize = 40;
  const uint64_t bytes = kilobytes <= 0 ? uint64_t{1} << std::clamp(settings.stepSize, 0, largestStepSize)
                                        : static_cast<uint64_t>(std::min(kilobytes, mostKilobytes)) * 1024;
  settings.steppedBytes += bytes;
  const double work = static_cast<double>(settings.steppedBytes) * std::max(settings.stepMultiplier, 1) / 100;
  const bool isComplete = settings.isGenerational || work >= static_cast<double>(heapBytes(vm));
  if (!isComplete) return false;
  settings.steppedBytes = 0;
  return collectGarbage(vm);
}

int exchangePercentage(int& parameter, int64_t value) {
  return std::exchange(parameter, static_cast<uint8_t>(static_cast<int>(value) / 4) * 4);
}

bool setGenerational(VM& vm, int64_t minorMultiplier, int64_t majorMultiplier) {
  CollectorSettings& settings = collectorSettings(vm);
  setUnlessZero(settings.minorMultiplier, minorMultiplier);
  setPercentageUnlessZero(settings.majorMultiplier, majorMultiplier);
  return std::exchange(settings.isGenerational, true);
}

bool setIncremental(VM& vm, int64_t pause, int64_t stepMultiplier, int64_t stepSize) {
  CollectorSettings& settings = collectorSettings(vm);
  setPercentageUnlessZero(settings.pause, pause);
  setPercentageUnlessZero(settings.stepMultiplier, stepMultiplier);
  setUnlessZero(settings.stepSize, stepSize);
  return std::exchange(settings.isGenerational, false);
}

}  // namespace selvage
