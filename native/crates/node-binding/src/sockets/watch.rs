//! A descriptor that Node's event loop watches, with the JavaScript function that is called when it is readable.
//!
//! Each block is either a call of Node-API or of libuv, both of which Node exports. A [`Watch`] is made, used and
//! dropped on the thread of its environment only: nothing here is `Send`, and both call back on that thread.

use std::ffi::{c_int, c_void};
use std::ptr;
use std::rc::Weak;

use napi::bindgen_prelude::{Function, FunctionRef, JsValue};
use napi::{Env, JsError, Status, sys};

use crate::failure::{CodedError, Failure, guard};

/// What of libuv is used here, declared by hand. These have been the same since its first stable version.
mod uv {
    use std::ffi::{c_int, c_void};

    use napi::sys::uv_loop_s;

    #[repr(C)]
    pub struct Handle {
        opaque: [u8; 0],
    }

    /// UV_POLL of uv_handle_type.
    pub const POLL: c_int = 8;
    pub const READABLE: c_int = 1;

    unsafe extern "C" {
        pub fn uv_handle_size(kind: c_int) -> usize;
        pub fn uv_handle_get_data(handle: *const Handle) -> *mut c_void;
        pub fn uv_handle_set_data(handle: *mut Handle, data: *mut c_void);
        pub fn uv_poll_init(on: *mut uv_loop_s, handle: *mut Handle, descriptor: c_int) -> c_int;
        pub fn uv_poll_start(
            handle: *mut Handle,
            events: c_int,
            on_event: unsafe extern "C" fn(*mut Handle, c_int, c_int),
        ) -> c_int;
        pub fn uv_poll_stop(handle: *mut Handle) -> c_int;
        pub fn uv_close(handle: *mut Handle, on_closed: unsafe extern "C" fn(*mut Handle));
    }
}

pub trait Watched {
    /// The descriptor is readable. Whether JavaScript has to be told.
    fn ready(&self) -> bool;
    /// The environment ends: drops the watch.
    fn close(&self);
}

/// Ends when it is dropped. The descriptor may be closed from then on.
pub struct Watch(*mut State);

/// What libuv's handle points to. It lives until libuv has let go of the handle, in a later turn of the loop.
struct State {
    /// In the memory below, as only libuv knows its size.
    handle: *mut uv::Handle,
    _memory: Vec<u128>,
    env: Env,
    function: FunctionRef<(), ()>,
    context: sys::napi_async_context,
    /// Without an owner: whoever has the watch must be free to go.
    watched: Weak<dyn Watched>,
    /// Node waits for its removal when the environment ends, so that the loop ends without open handles.
    ending: sys::napi_async_cleanup_hook_handle,
}

impl Watch {
    /// Not started: it does not keep the loop alive. `name` is what tools call the callbacks.
    pub fn open(
        env: Env,
        descriptor: c_int,
        name: &str,
        function: &Function<'_, (), ()>,
        watched: Weak<dyn Watched>,
    ) -> Result<Self, Failure> {
        let function = function.create_ref()?;
        let name = env.create_string(name)?.raw();
        let event_loop = env.get_uv_event_loop()?;
        // SAFETY: takes no pointer.
        let units = unsafe { uv::uv_handle_size(uv::POLL) }.div_ceil(size_of::<u128>());
        let mut memory = vec![0; units];
        let handle = memory.as_mut_ptr().cast();
        let (context, ending) = (ptr::null_mut(), ptr::null_mut());
        let state = State { handle, _memory: memory, env, function, context, watched, ending };
        let state = Box::into_raw(Box::new(state));
        // SAFETY: nobody else has the state before the handle is started, and the handle stays where it is, as
        // the vector never grows. A handle that could not be initialised is not known to libuv.
        unsafe {
            if uv::uv_poll_init(event_loop, handle, descriptor) != 0 {
                drop(Box::from_raw(state));
                return Err(Failure::new("INTERNAL", "libuv does not watch the descriptor"));
            }
            uv::uv_handle_set_data(handle, state.cast());
            let watch = Self(state);
            check(sys::napi_async_init(env.raw(), ptr::null_mut(), name, &raw mut (*state).context))?;
            check(sys::napi_add_async_cleanup_hook(
                env.raw(),
                Some(on_ending),
                state.cast(),
                &raw mut (*state).ending,
            ))?;
            Ok(watch)
        }
    }

    /// Keeps the loop alive from now on.
    pub fn start(&self) {
        // SAFETY: the state lives as long as the watch, and its handle is initialised.
        let result = unsafe { uv::uv_poll_start((*self.0).handle, uv::READABLE, on_readable) };
        debug_assert!(result == 0, "a handle that is not closing starts");
    }

    /// Keeps the loop alive no longer.
    pub fn stop(&self) {
        // SAFETY: as for start.
        unsafe { uv::uv_poll_stop((*self.0).handle) };
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // SAFETY: the handle is closed once, by its only owner; libuv calls back later, never from here.
        unsafe { uv::uv_close((*self.0).handle, on_closed) };
    }
}

impl State {
    fn readable(&self) {
        let Some(watched) = self.watched.upgrade() else { return };
        let told = guard(|| Ok(watched.ready()));
        // JavaScript may be the one that gives up the last other owner.
        drop(watched);
        if matches!(told, Ok(false)) {
            return;
        }
        let Ok(_scope) = HandleScope::open(self.env) else { return };
        match told {
            Ok(_) => self.call(),
            Err(defect) => self.throw(JsError::from(CodedError::from(defect)).into_unknown(self.env).raw()),
        }
    }

    /// Calls the function as Node calls its own: what it put off to the end of its turn runs before this returns.
    fn call(&self) {
        let mut global = ptr::null_mut();
        let mut result = ptr::null_mut();
        let Ok(function) = self.function.borrow_back(&self.env) else { return };
        // SAFETY: all values are of the open scope, there are no arguments, and the context is destroyed when the
        // handle is closed, which is after this.
        let status = unsafe {
            sys::napi_get_global(self.env.raw(), &raw mut global);
            sys::napi_make_callback(
                self.env.raw(),
                self.context,
                global,
                function.raw(),
                0,
                ptr::null(),
                &raw mut result,
            )
        };
        if status == sys::Status::napi_pending_exception {
            let mut exception = ptr::null_mut();
            // SAFETY: the value is of the open scope. In an environment that is being ended there is none.
            if unsafe { sys::napi_get_and_clear_last_exception(self.env.raw(), &raw mut exception) }
                == sys::Status::napi_ok
            {
                self.throw(exception);
            }
        }
    }

    /// Nobody of ours is there to catch it.
    fn throw(&self, exception: sys::napi_value) {
        // SAFETY: the value is of the open scope.
        unsafe { sys::napi_fatal_exception(self.env.raw(), exception) };
    }
}

struct HandleScope(Env, sys::napi_handle_scope);

impl HandleScope {
    fn open(env: Env) -> Result<Self, Failure> {
        let mut scope = ptr::null_mut();
        // SAFETY: writes the scope.
        check(unsafe { sys::napi_open_handle_scope(env.raw(), &raw mut scope) })?;
        Ok(Self(env, scope))
    }
}

impl Drop for HandleScope {
    fn drop(&mut self) {
        // SAFETY: opened by the same environment, and scopes are closed in the reverse order.
        unsafe { sys::napi_close_handle_scope(self.0.raw(), self.1) };
    }
}

fn check(status: sys::napi_status) -> Result<(), Failure> {
    match Status::from(status) {
        Status::Ok => Ok(()),
        other => Err(Failure::new("NAPI", other.as_ref())),
    }
}

unsafe extern "C" fn on_readable(handle: *mut uv::Handle, _status: c_int, _events: c_int) {
    // SAFETY: the data of a started handle is its state, which is freed in `on_closed` only, in another turn.
    unsafe { (*uv::uv_handle_get_data(handle).cast::<State>()).readable() };
}

unsafe extern "C" fn on_ending(_hook: sys::napi_async_cleanup_hook_handle, state: *mut c_void) {
    // SAFETY: the state is freed together with the hook.
    let watched = unsafe { (*state.cast::<State>()).watched.upgrade() };
    // If there is none, or it was closed already, the handle is on its way.
    if let Some(watched) = watched {
        watched.close();
    }
}

unsafe extern "C" fn on_closed(handle: *mut uv::Handle) {
    // SAFETY: the last that libuv does with the handle, and the watch was dropped before. What a failed `open`
    // did not come to is null.
    unsafe {
        let state = Box::from_raw(uv::uv_handle_get_data(handle).cast::<State>());
        if !state.context.is_null() {
            sys::napi_async_destroy(state.env.raw(), state.context);
        }
        let ending = state.ending;
        drop(state);
        if !ending.is_null() {
            sys::napi_remove_async_cleanup_hook(ending);
        }
    }
}
