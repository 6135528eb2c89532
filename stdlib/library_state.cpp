// What the standard library remembers for each VM; see the header.
#include "stdlib/library_state.hpp"

#include <new>

#include "vm/native.hpp"

namespace selvage {

LibraryState& libraryState(VM& vm) {
  if (vm.libraryData == nullptr) {
    Userdata* userdata = newUserdata(vm, sizeof(LibraryState), 0);
    vm.libraryData = new (userdata->memory()) LibraryState;
    setField(vm, vm.registry, "selvage.libraryState", Value::userdata(userdata));
  }
  return *static_cast<LibraryState*>(vm.libraryData);
}

}  // namespace selvage
