// The part of the fmt library that is not templates, compiled here once for the whole of Selvage.
//
// fmt's header-only mode would compile it again in every file that formats a message, which takes longer than the rest
// of the build, and its shared library would have to be installed wherever Selvage runs. The build defines
// FMT_HEADER_ONLY for versions of fmt whose list of instantiations is not the one below; this file is then empty.
#ifndef FMT_HEADER_ONLY

#include <fmt/format-inl.h>

template void fmt::detail::vformat_to(fmt::detail::buffer<char>&, fmt::string_view, fmt::format_args,
                                      fmt::detail::locale_ref);
template fmt::detail::thousands_sep_result<char> fmt::detail::thousands_sep_impl<char>(fmt::detail::locale_ref);
template char fmt::detail::decimal_point_impl<char>(fmt::detail::locale_ref);
template fmt::detail::dragonbox::decimal_fp<double> fmt::detail::dragonbox::to_decimal(double) noexcept;
template fmt::detail::dragonbox::decimal_fp<float> fmt::detail::dragonbox::to_decimal(float) noexcept;

#endif
