use napi::Env;
use napi::bindgen_prelude::{Buffer, BufferSlice};
use napi_derive::napi;
use otedama_cryptonote::{MinerTxVersion, Template, TemplateParts as Parts};

use crate::convert;
use crate::failure::{CodedError, Failure, guard_throwing};

/// All of it has to be there; a job of another algorithm lacks it.
#[napi(object)]
pub struct TemplateParts {
    pub header: Option<Buffer>,
    pub nonce_offset: Option<f64>,
    pub miner_tx_version: Option<f64>,
    pub miner_tx_prefix: Option<Buffer>,
    pub miner_tx_suffix: Option<Buffer>,
    pub extra_nonce_bytes: Option<f64>,
    pub merkle_branch: Option<Buffer>,
    pub tx_count: Option<f64>,
}

impl TemplateParts {
    pub fn parse(self) -> Result<Parts, Failure> {
        let version = convert::needed_u32("minerTxVersion", self.miner_tx_version)?;
        Ok(Parts {
            header: convert::needed_bytes("header", self.header)?,
            nonce_offset: convert::needed_u32("nonceOffset", self.nonce_offset)? as usize,
            miner_tx_version: MinerTxVersion::from_number(version)
                .ok_or_else(|| Failure::argument("minerTxVersion must be 1 or 2"))?,
            miner_tx_prefix: convert::needed_bytes("minerTxPrefix", self.miner_tx_prefix)?,
            miner_tx_suffix: convert::needed_bytes("minerTxSuffix", self.miner_tx_suffix)?,
            extra_nonce_bytes: convert::needed_u32("extraNonceBytes", self.extra_nonce_bytes)? as usize,
            merkle_branch: convert::needed_hashes("merkleBranch", self.merkle_branch)?,
            tx_count: convert::needed_u32("txCount", self.tx_count)?,
        })
    }
}

/// Gives every session the blob with its own extra nonce. On the JavaScript thread: a few microseconds.
#[napi]
pub struct BlobTemplate {
    template: Template,
}

#[napi]
impl BlobTemplate {
    #[napi(constructor)]
    pub fn new(parts: TemplateParts) -> Result<Self, CodedError> {
        guard_throwing(|| Ok(Self { template: Template::new(parts.parse()?)? }))
    }

    #[napi]
    pub fn hashing_blob<'env>(
        &self,
        env: &'env Env,
        extra_nonce: BufferSlice<'_>,
    ) -> Result<BufferSlice<'env>, CodedError> {
        guard_throwing(|| {
            let blob = self.template.hashing_blob(&extra_nonce).ok_or_else(|| {
                let (wanted, given) = (self.template.extra_nonce_bytes(), extra_nonce.len());
                Failure::argument(format!("extraNonce must have {wanted} bytes, not {given}"))
            })?;
            // Memory of Node's own: cheaper than handing ours over, which it would have to give back.
            Ok(BufferSlice::copy_from(env, blob)?)
        })
    }
}
