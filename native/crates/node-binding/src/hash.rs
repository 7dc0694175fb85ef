use std::sync::Arc;

use napi::bindgen_prelude::{AsyncTask, BigInt, Buffer, BufferSlice};
use napi::{Env, Task};
use napi_derive::napi;
use otedama_contexts::{Contexts, Key, Light};
use otedama_hash_api::{Algorithm, Family, MixProof};
use otedama_hash_registry::{self as registry, SealShare};
use otedama_hash_scrypt::reference as scrypt;
use otedama_primitives::{HEADER_BYTES, Hash};
use otedama_sha256::Engine;

use crate::context::ContextName;
use crate::convert;
use crate::failure::{CodedError, Failure, guard, guard_throwing};

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
            other => {
                return Err(Failure::argument(format!(
                    "{} needs an epoch or a seed: use hashSeal or hashBlob",
                    other.name()
                )));
            }
        };
        Ok(digest.to_vec().into())
    })
}

#[napi(object)]
pub struct SealHash {
    pub mix: Buffer,
    pub hash: Buffer,
}

/// A hash of the Ethash family, from the light cache.
#[napi]
pub fn hash_seal(
    algorithm: String,
    header_hash: Buffer,
    block_number: f64,
    nonce: BigInt,
) -> AsyncTask<SealTask> {
    let parse = || {
        let algorithm = convert::algorithm(&algorithm)?;
        let key = ContextName { block_number: Some(block_number), seed: None }.key(algorithm)?;
        let wrong = || Failure::argument(format!("{} has no header hashes", algorithm.name()));
        let key = key.filter(|_| algorithm.family() == Family::Seal).ok_or_else(wrong)?;
        let share = SealShare {
            header_hash: convert::bytes32("headerHash", &header_hash)?,
            block_number: convert::u32_of("blockNumber", block_number)?,
            nonce: convert::u64_of("nonce", &nonce)?,
        };
        Ok((algorithm, key, share))
    };
    AsyncTask::new(SealTask(parse().map_err(Some)))
}

pub struct SealTask(Result<(Algorithm, Key, SealShare), Option<Failure>>);

impl Task for SealTask {
    type Output = Result<MixProof, Failure>;
    type JsValue = SealHash;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let (algorithm, key, share) = match &mut self.0 {
            Ok(request) => *request,
            Err(failure) => return Ok(Err(failure.take().expect("a task runs once"))),
        };
        Ok(guard(|| {
            let light: Arc<Light> = Contexts::shared().light(key)?;
            registry::prove_light(registry::preferred(algorithm), &light)?;
            let mut proof = [MixProof::default()];
            registry::seal_proofs(&light, &[share], &mut proof);
            Ok(proof[0])
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<SealHash> {
        let proof = output.map_err(|failure| failure.into_rejection(env))?;
        Ok(SealHash { mix: proof.mix.to_vec().into(), hash: proof.hash.to_vec().into() })
    }
}

/// A RandomX hash, from the cache.
#[napi]
pub fn hash_blob(algorithm: String, blob: Buffer, seed: Buffer) -> AsyncTask<BlobTask> {
    let parse = || {
        let algorithm = convert::algorithm(&algorithm)?;
        let key = ContextName { block_number: None, seed: Some(seed) }.key(algorithm)?;
        let wrong = || Failure::argument(format!("{} hashes no blobs", algorithm.name()));
        let key = key.filter(|_| algorithm.family() == Family::Blob).ok_or_else(wrong)?;
        Ok((algorithm, key, blob.to_vec()))
    };
    AsyncTask::new(BlobTask(parse().map_err(Some)))
}

pub struct BlobTask(Result<(Algorithm, Key, Vec<u8>), Option<Failure>>);

impl Task for BlobTask {
    type Output = Result<Hash, Failure>;
    type JsValue = Buffer;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let (algorithm, key, blob) = match &mut self.0 {
            Ok((algorithm, key, blob)) => (*algorithm, *key, &*blob),
            Err(failure) => return Ok(Err(failure.take().expect("a task runs once"))),
        };
        Ok(guard(|| {
            let light = Contexts::shared().light(key)?;
            let mut hash = [[0; 32]];
            let mut hasher = registry::blob_hasher(registry::preferred(algorithm), &light, None)?;
            hasher.hash_many(&[blob], &mut hash);
            Ok(hash[0])
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<Buffer> {
        let hash = output.map_err(|failure| failure.into_rejection(env))?;
        Ok(hash.to_vec().into())
    }
}
