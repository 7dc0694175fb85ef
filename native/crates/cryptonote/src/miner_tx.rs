use otedama_keccak::keccak256;
use otedama_primitives::Hash;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MinerTxVersion {
    /// Before RingCT.
    V1,
    /// One byte follows its prefix, which says that there is no RingCT; it is not part of a template's parts.
    V2,
}

impl MinerTxVersion {
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::V1),
            2 => Some(Self::V2),
            _ => None,
        }
    }
}

/// keccak256 of RCTTypeNull, the zero byte after the prefix.
const NO_RINGCT: Hash = [
    0xbc, 0x36, 0x78, 0x9e, 0x7a, 0x1e, 0x28, 0x14, 0x36, 0x46, 0x42, 0x29, 0x82, 0x8f, 0x81, 0x7d, 0x66,
    0x12, 0xf7, 0xb4, 0x77, 0xd6, 0x65, 0x91, 0xff, 0x96, 0xa9, 0xe0, 0x64, 0xbc, 0xc9, 0x8a,
];

/// The transaction's id, from the bytes of its prefix.
pub fn hash_miner_tx(version: MinerTxVersion, prefix: &[u8]) -> Hash {
    let prefix_hash = keccak256(prefix);
    match version {
        MinerTxVersion::V1 => prefix_hash,
        MinerTxVersion::V2 => {
            // The last third stays zero: the hash of signatures where there are none.
            let mut parts = [0; 96];
            parts[..32].copy_from_slice(&prefix_hash);
            parts[32..64].copy_from_slice(&NO_RINGCT);
            keccak256(&parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_hash_of_no_ringct() {
        assert_eq!(NO_RINGCT, keccak256(&[0]));
    }
}
