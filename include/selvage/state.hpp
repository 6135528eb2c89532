// The Lua state: state owns one, state_view is the same interface to one that belongs to somebody else.
#pragma once

#include "coroutine.hpp"
#include "environment.hpp"
#include "usertype.hpp"

SELVAGE_NAMESPACE_BEGIN

/// The standard libraries, for open_libraries, and the module "selvage", which scripts otherwise get by require.
enum class lib { base, package, coroutine, string, os, math, table, debug, io, utf8, selvage, count };

/// What may be loaded: program text, binary chunks, or either. Binary chunks can be made to crash some implementations.
enum class load_mode { any, text, binary };

/// A chunk that was loaded, or why it was not.
class load_result {
 public:
  load_result(Result<protected_function> chunk) : chunk_(std::move(chunk)) {}
  bool valid() const { return chunk_.has_value(); }
  explicit operator bool() const { return valid(); }
  call_status status() const { return chunk_.status(); }
  /// The chunk as a function. Throws if it was not loaded.
  template <class T = protected_function>
  T get() const {
    return T(chunk_.value());
  }
  operator protected_function() const { return chunk_.value(); }
  operator function() const { return function(chunk_.value()); }
  operator error() const { return chunk_.what(); }
  const error& what() const { return chunk_.what(); }
  /// Runs the chunk.
  template <class... A>
  protected_function_result operator()(A&&... arguments) const {
    if (!valid()) return Result<variadic_results>(what());
    return chunk_->try_call<variadic_results>(std::forward<A>(arguments)...);
  }

 private:
  Result<protected_function> chunk_;
};

class state_view : public detail::FieldOperations<state_view> {
 public:
  /// Any thread of the state. A state_view must not be used when the state is closed.
  explicit state_view(lua_State* L) : globals_(globalsOf(L)) {}
  state_view(this_state L) : state_view(L.L) {}

  lua_State* lua_state() const { return globals_.lua_state(); }
  const object& fields() const { return globals_; }
  table globals() const { return globals_; }
  table registry() const {
    lua_State* L = lua_state();
    ensureStack(L, 4);
    return table(L, LUA_REGISTRYINDEX);
  }

  // ---- libraries ----

  /// Opens standard libraries as globals; without arguments all of Lua's own.
  template <class... L>
  void open_libraries(L... libraries) const {
    static_assert((std::is_same_v<L, lib> && ...), "selvage: open_libraries() takes values of selvage::lib");
    lua_State* L_ = lua_state();
    if constexpr (sizeof...(L) == 0) {
      callProtected(L_, [](lua_State* inner) {
        luaL_openlibs(inner);
        return 0;
      });
    } else {
      (openLibrary(L_, libraries), ...);
    }
  }

  /// What `require(name)` in Lua does: returns the module's value.
  template <class T = object>
  Result<T> try_require(std::string_view name) const {
    return this->template try_call<T>("require", name);
  }
  template <class T = object>
  T require(std::string_view name) const {
    return detail::orThrow(try_require<T>(name));
  }
  /// Opens a C module under a name and, if asked to, makes it a global.
  object require(const char* name, lua_CFunction opener, bool global = true) const {
    lua_State* L = lua_state();
    ensureStack(L, 6);
    const StackGuard guard(L);
    lua_pushcfunction(L, [](lua_State* inner) {
      luaL_requiref(inner, lua_tostring(inner, 1), lua_tocfunction(inner, 2), lua_toboolean(inner, 3));
      return 1;
    });
    lua_pushstring(L, name);
    lua_pushcfunction(L, opener);
    lua_pushboolean(L, global ? 1 : 0);
    checkCall(L, lua_pcall(L, 3, 1, 0));
    return object(L, -1);
  }
  /// Makes a piece of Lua code a module: what it returns is what require(name) gives.
  object require_script(const std::string& name, std::string_view code, bool global = false) const {
    return requireChunk(name, load(code, "=" + name), global);
  }
  object require_file(const std::string& name, const std::string& file, bool global = false) const {
    return requireChunk(name, load_file(file), global);
  }

  // ---- running code ----

  /// Compiles a chunk. `name` is what messages call it: "=name", "@file", or else the text itself.
  load_result load(std::string_view code, const std::string& name = {}, load_mode mode = load_mode::text) const {
    lua_State* L = lua_state();
    ensureStack(L, 4);
    const StackGuard guard(L);
    const std::string text = name.empty() ? std::string(code) : name;
    const int status = luaL_loadbufferx(L, code.data(), code.size(), text.c_str(), modeText(mode));
    return loaded(L, status);
  }
  load_result load_file(const std::string& file, load_mode mode = load_mode::text) const {
    lua_State* L = lua_state();
    ensureStack(L, 4);
    const StackGuard guard(L);
    return loaded(L, luaL_loadfilex(L, file.c_str(), modeText(mode)));
  }

  /// Compiles and runs code; the error is a result.
  protected_function_result safe_script(std::string_view code, const std::string& name = {}) const {
    return load(code, name)();
  }
  protected_function_result safe_script(std::string_view code, const environment& globals,
                                        const std::string& name = {}) const {
    return run(load(code, name), globals);
  }
  protected_function_result safe_script_file(const std::string& file) const { return load_file(file)(); }
  protected_function_result safe_script_file(const std::string& file, const environment& globals) const {
    return run(load_file(file), globals);
  }
  /// Compiles and runs code, and reads what it returns as R.
  template <class R = void>
  Result<R> try_script(std::string_view code, const std::string& name = {}) const {
    const load_result chunk = load(code, name);
    if (!chunk) return chunk.what();
    return chunk.get().template try_call<R>();
  }
  /// Compiles and runs code; throws if it fails.
  function_result script(std::string_view code, const std::string& name = {}) const {
    return checked(safe_script(code, name));
  }
  function_result script(std::string_view code, const environment& globals, const std::string& name = {}) const {
    return checked(safe_script(code, globals, name));
  }
  template <class R>
  R script(std::string_view code, const std::string& name = {}) const {
    return detail::orThrow(try_script<R>(code, name));
  }
  function_result script_file(const std::string& file) const { return checked(safe_script_file(file)); }
  function_result script_file(const std::string& file, const environment& globals) const {
    return checked(safe_script_file(file, globals));
  }

  // ---- memory ----

  /// The bytes that Lua has allocated.
  std::size_t memory_used() const {
    lua_State* L = openState();
    return static_cast<std::size_t>(lua_gc(L, LUA_GCCOUNT)) * 1024 + static_cast<std::size_t>(lua_gc(L, LUA_GCCOUNTB));
  }
  /// Runs a complete collection.
  void collect_garbage() const { lua_gc(openState(), LUA_GCCOLLECT); }
  void collect_gc() const { collect_garbage(); }
  /// Does a step of a collection, of about so many kilobytes; returns whether it finished a cycle.
  bool step_gc(int kilobytes) const { return lua_gc(openState(), LUA_GCSTEP, kilobytes) != 0; }
  void stop_gc() const { lua_gc(openState(), LUA_GCSTOP); }
  void restart_gc() const { lua_gc(openState(), LUA_GCRESTART); }
  bool is_gc_on() const { return lua_gc(openState(), LUA_GCISRUNNING) != 0; }

 protected:
  state_view() = default;
  void setGlobals(lua_State* L) { globals_ = globalsOf(L); }
  void dropGlobals() { globals_ = table(); }

 private:
  static table globalsOf(lua_State* L) {
    ensureStack(L, 4);
    const StackGuard guard(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    return table(L, -1);
  }

  static void checkCall(lua_State* L, int status) {
    if (status == LUA_OK) return;
    const error failed = takeError(L, static_cast<call_status>(status));
    failWith(L, failed);
  }
  static void callProtected(lua_State* L, lua_CFunction function) {
    ensureStack(L, 4);
    lua_pushcfunction(L, function);
    checkCall(L, lua_pcall(L, 0, 0, 0));
  }

  static void openLibrary(lua_State* L, lib library) {
    switch (library) {
      case lib::base: return open<luaopen_base>(L, LUA_GNAME);
      case lib::package: return open<luaopen_package>(L, LUA_LOADLIBNAME);
      case lib::coroutine: return open<luaopen_coroutine>(L, LUA_COLIBNAME);
      case lib::string: return open<luaopen_string>(L, LUA_STRLIBNAME);
      case lib::os: return open<luaopen_os>(L, LUA_OSLIBNAME);
      case lib::math: return open<luaopen_math>(L, LUA_MATHLIBNAME);
      case lib::table: return open<luaopen_table>(L, LUA_TABLIBNAME);
      case lib::debug: return open<luaopen_debug>(L, LUA_DBLIBNAME);
      case lib::io: return open<luaopen_io>(L, LUA_IOLIBNAME);
      case lib::utf8: return open<luaopen_utf8>(L, LUA_UTF8LIBNAME);
#ifdef SELVAGE_LIBNAME
      case lib::selvage: return open<luaopen_selvage>(L, SELVAGE_LIBNAME);
#else
      case lib::selvage: break;
#endif
      case lib::count: break;
    }
    fail(L, "open_libraries(): there is no such library");
  }
  template <lua_CFunction Open>
  static void open(lua_State* L, const char* name) {
    ensureStack(L, 4);
    lua_pushcfunction(L, [](lua_State* inner) {
      luaL_requiref(inner, lua_tostring(inner, 1), Open, 1);
      return 0;
    });
    lua_pushstring(L, name);
    checkCall(L, lua_pcall(L, 1, 0, 0));
  }

  static const char* modeText(load_mode mode) {
    return mode == load_mode::text ? "t" : mode == load_mode::binary ? "b" : "bt";
  }
  static load_result loaded(lua_State* L, int status) {
    if (status == LUA_OK) return Result<protected_function>(protected_function(L, -1));
    return Result<protected_function>(takeError(L, static_cast<call_status>(status)));
  }
  static protected_function_result run(const load_result& chunk, const environment& globals) {
    if (chunk.valid()) globals.set_on(chunk.get());
    return chunk();
  }
  static function_result checked(protected_function_result result) {
    if (!result.valid()) failWith(nullptr, result.what());
    return result;
  }
  object requireChunk(const std::string& name, const load_result& chunk, bool global) const {
    const table loaded = (*this)["package"]["loaded"].template try_get<table>().value();
    if (const object known = loaded[name].template try_get<object>().value(); known.valid()) return known;
    protected_function_result result = chunk(name);
    if (!result.valid()) failWith(lua_state(), result.what());
    object value = result.size() > 0 ? result.template try_get<object>().value() : object();
    if (!value.valid()) value = make_object(lua_state(), true);
    loaded[name].set(value);
    if (global) set(name, value);
    return value;
  }

  lua_State* openState() const {
    lua_State* L = lua_state();
    ensureStack(L, 0);
    return L;
  }

  table globals_;
};

/// Owns a Lua state: closes it when it is destroyed. Can be moved.
class state : public state_view {
 public:
  /// A new state without libraries. Fails if there is no memory for one.
  state() : state(luaL_newstate()) {}
  /// The same, with memory from an allocator of the program's.
  explicit state(lua_Alloc allocator, void* data = nullptr) : state(lua_newstate(allocator, data)) {}
  /// Takes over a state that was made elsewhere.
  static state adopt(lua_State* L) { return state(L); }

  state(const state&) = delete;
  state& operator=(const state&) = delete;
  state(state&& other) noexcept : L_(std::exchange(other.L_, nullptr)) {
    static_cast<state_view&>(*this) = std::move(static_cast<state_view&>(other));
  }
  // Closes the state that this had, which fails while Lua code runs in it.
  // NOLINTNEXTLINE(performance-noexcept-move-constructor,bugprone-exception-escape)
  state& operator=(state&& other) {
    if (this != &other) {
      close();
      L_ = std::exchange(other.L_, nullptr);
      static_cast<state_view&>(*this) = std::move(static_cast<state_view&>(other));
    }
    return *this;
  }
  ~state() { close(); }  // NOLINT(bugprone-exception-escape): to end the program is what is left to do then

  /// Closes the state at once. References into it know that it is gone. Fails while Lua code runs: a function that is
  /// called by it cannot end it (the destructor then ends the program, saying so).
  void close() {
    lua_Debug activation;
    if (L_ != nullptr && lua_getstack(L_, 0, &activation) != 0)
      fail(nullptr, "a state cannot be closed by what runs in it");
    dropGlobals();
    if (lua_State* L = std::exchange(L_, nullptr)) lua_close(L);
  }

 private:
  explicit state(lua_State* L) : L_(L) {
    if (L == nullptr) fail(nullptr, "not enough memory for a Lua state");
#if SELVAGE_EXCEPTIONS
    // Errors outside of protected calls: running out of memory.
    lua_atpanic(L, [](lua_State* inner) -> int { throw takeError(inner, call_status::memory); });
#endif
    setGlobals(L);
  }

  lua_State* L_ = nullptr;
};

SELVAGE_NAMESPACE_END
