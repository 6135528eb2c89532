// What the standard library remembers for each VM; see the header.
#include "stdlib/library_state.hpp"

#include <iterator>
#include <new>

#include "vm/native.hpp"

namespace selvage {

namespace {

void makeTypeNames(VM& vm, LibraryState& state) {
  Table* names = newTable(vm);
  setField(vm, vm.registry, "selvage.typeNames", Value::table(names));
  for (size_t tag = 0; tag < std::size(state.typeNames); ++tag) {
    state.typeNames[tag] = newString(vm, typeName(static_cast<Tag>(tag)));
    setField(vm, names, state.typeNames[tag]->view(), Value::boolean(true));
  }
}

}  // namespace

LibraryState& libraryState(VM& vm) {
  if (vm.libraryData == nullptr) {
    Userdata* userdata = newUserdata(vm, sizeof(LibraryState), 0);
    vm.libraryData = new (userdata->memory()) LibraryState;
    setField(vm, vm.registry, "selvage.libraryState", Value::userdata(userdata));
    makeTypeNames(vm, *static_cast<LibraryState*>(vm.libraryData));
  }
  return *static_cast<LibraryState*>(vm.libraryData);
}

}  // namespace selvage
