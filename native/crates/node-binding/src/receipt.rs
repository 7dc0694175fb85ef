use napi::bindgen_prelude::{Buffer, BufferSlice};
use napi_derive::napi;
use otedama_sha256::Engine;

use crate::failure::{CodedError, guard_throwing};

/// On the calling thread: some 0.3 microseconds a share.
#[napi]
pub fn receipt_root(batch: BufferSlice<'_>) -> Result<Option<Buffer>, CodedError> {
    guard_throwing(|| {
        Ok(otedama_verify::receipt_root(Engine::fastest(), &batch)?.map(|root| root.to_vec().into()))
    })
}
