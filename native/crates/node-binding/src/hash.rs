use napi::bindgen_prelude::{Buffer, BufferSlice};
use napi_derive::napi;
use otedama_hash_api::Algorithm;
use otedama_hash_scrypt::reference as scrypt;
use otedama_primitives::HEADER_BYTES;
use otedama_sha256::Engine;

use crate::convert;
use crate::failure::{CodedError, Failure, guard_throwing};

#[napi]
pub fn hash(algorithm: String, input: BufferSlice<'_>) -> Result<Buffer, CodedError> {
    guard_throwing(|| {
        let digest = match convert::algorithm(&algorithm)? {
            Algorithm::Sha256d => Engine::fastest().sha256d(&input),
            Algorithm::Scrypt => {
                let header: &[u8; HEADER_BYTES] = input.as_ref().try_into().map_err(|_| {
                    Failure::argument(format!("scrypt hashes a header of 80 bytes, not {}", input.len()))
                })?;
                scrypt::hash_header(header)
            }
        };
        Ok(digest.to_vec().into())
    })
}
