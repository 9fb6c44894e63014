"""One sealed interpreter: a fresh WebAssembly instance with its grants, fuel and memory.

Runs in a worker process only. Nothing here trusts what the guest says; what the host knows by itself are traps, fuel,
memory and the bytes it was sent.
"""

import ctypes
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import wasmtime
from wasmtime import component

# deep recursion in the guest needs a larger stack than the default; the host thread's own must be twice that
WASM_STACK = 32 << 20
THREAD_STACK = 128 << 20
# characters of one event
EVENT_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A folder that the guest may see."""

    host: Path
    guest: str
    writable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How an instance's run ended, from the host's own knowledge."""

    # None: it returned; else `fuel`, `memory`, `output`, `exit`, or the trap's message
    trap: str | None
    # WebAssembly instructions spent since the last refill
    fuel: int


def engine() -> wasmtime.Engine:
    """Return an engine that counts fuel and has room for deep recursion."""
    config = wasmtime.Config()
    config.consume_fuel = True
    config.wasm_component_model = True
    # the Python class has no setter for this one; without it the larger stack below aborts the process
    function = wasmtime._ffi.dll.wasmtime_config_async_stack_size_set  # noqa: SLF001
    function.restype, function.argtypes = None, [ctypes.c_void_p, ctypes.c_uint64]
    function(ctypes.cast(config.ptr(), ctypes.c_void_p), WASM_STACK * 2)
    config.max_wasm_stack = WASM_STACK
    return wasmtime.Engine(config)


# event and fuel left -> the answer, and fuel to go on with where that changes
Told = Callable[[str, int], tuple[str, int | None]]


class Interpreter:
    """A compiled component, from which fresh instances are made."""

    def __init__(self, compiled: Path) -> None:
        self._engine = engine()
        self._component = component.Component.deserialize_file(self._engine, str(compiled))
        self._told: Told = lambda _event, _left: ("", None)
        self._linker = component.Linker(self._engine)
        self._linker.add_wasip2()
        with self._linker.root() as root:
            root.add_func("report", self._report)

    def _report(self, store: wasmtime.StoreContext, event: str) -> str:
        if len(event) > EVENT_LIMIT:
            raise wasmtime.WasmtimeError("an event is too long")
        left = ctypes.c_uint64(0)
        wasmtime._ffi.wasmtime_context_get_fuel(store._context(), ctypes.byref(left))  # noqa: SLF001
        answer, fuel = self._told(event, left.value)
        if fuel is not None:
            wasmtime._ffi.wasmtime_context_set_fuel(store._context(), fuel)  # noqa: SLF001
        return answer

    def run(
        self,
        job: dict[str, Any],
        grants: list[Grant],
        *,
        fuel: int,
        memory: int,
        told: Told,
    ) -> Ended:
        """Run `job` in a fresh instance and return how it ended.

        `fuel` counts instructions, `memory` bytes.
        """
        self._told = told
        store = wasmtime.Store(self._engine)
        store.set_limits(memory_size=memory)
        store.set_wasi(_wasi(grants))
        # instantiation costs differ between systems: fuel is set to the budget only afterwards
        store.set_fuel(1 << 62)
        instance = self._linker.instantiate(store, self._component)
        function = instance.get_func(store, "run")
        assert function is not None
        store.set_fuel(fuel)
        trap = None
        try:
            function(store, json.dumps(job))
        except wasmtime.ExitTrap as error:
            trap = f"exit {error.code}"
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            trap = _kind(str(error))
        left = 0 if trap == "fuel" else store.get_fuel()
        store.close()
        return Ended(trap=trap, fuel=left)


def _wasi(grants: list[Grant]) -> wasmtime.WasiConfig:
    config = wasmtime.WasiConfig()
    config.env = []
    # nobody reads what a guest prints, so however much it is, none is kept
    config.stdout_custom = len
    config.stderr_custom = len
    for grant in grants:
        config.preopen_dir(str(grant.host), grant.guest, grant.writable)
    return config


def _kind(message: str) -> str:
    if "all fuel consumed" in message:
        return "fuel"
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[-1][-200:] if lines else "trap"
