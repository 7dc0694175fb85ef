pub mod hashes;
#[cfg(target_arch = "x86_64")]
mod oracle;
mod parts;
mod rounding;
mod search;
pub mod shared;

/// Hashers move to their threads, what they share is shared.
const _: fn() = || {
    fn is_send<T: Send>() {}
    fn is_shared<T: Send + Sync>() {}
    is_send::<crate::Hasher>();
    is_shared::<crate::SeedMemory>();
};
