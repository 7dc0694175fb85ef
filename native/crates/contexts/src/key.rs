use otedama_dag::{ETCHASH, ETHASH, Epoch, KAWPOW};
use otedama_hash_api::{Algorithm, HashError};
use otedama_hash_randomx as randomx;
use otedama_primitives::Hash;

/// Names a light cache and the dataset that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    Epoch(Epoch),
    Seed(randomx::Key),
}

impl Key {
    /// The epoch that a block of the algorithm is mined in; `None` for algorithms without epochs. Etchash is
    /// taken as it is since its activation.
    pub fn of_block(algorithm: Algorithm, block: u64) -> Option<Result<Self, HashError>> {
        let rules = match algorithm {
            Algorithm::Ethash => ETHASH,
            Algorithm::Etchash => ETCHASH,
            Algorithm::KawPow => KAWPOW,
            Algorithm::Sha256d | Algorithm::Scrypt | Algorithm::RandomX | Algorithm::RandomXV2 => {
                return None;
            }
        };
        Some(Epoch::of_block(rules, block).map(Self::Epoch))
    }

    /// Both variants of RandomX have the same cache and dataset.
    pub fn of_seed(seed: Hash) -> Self {
        Self::Seed(randomx::Key::from(seed))
    }

    /// `None` for a seed longer than the 60 bytes that RandomX defines.
    pub fn of_seed_bytes(seed: &[u8]) -> Option<Self> {
        randomx::Key::new(seed).map(Self::Seed)
    }

    /// What the chain will need next, once it is near: in the last twentieth of an epoch. Unknown for seeds,
    /// which are hashes of blocks to come.
    pub fn next_if_near(&self, block: u64) -> Option<Self> {
        let Self::Epoch(epoch) = self else { return None };
        let length = u64::from(epoch.rules().epoch_blocks);
        let near = block >= epoch.first_block() + length - length / 20;
        near.then(|| epoch.next().map(Self::Epoch))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_ahead_in_the_last_twentieth_of_an_epoch() {
        let key = Key::of_block(Algorithm::Etchash, 60_000).unwrap().unwrap();
        let next = Key::of_block(Algorithm::Etchash, 120_000).unwrap().unwrap();
        assert_eq!(key.next_if_near(60_000), None);
        assert_eq!(key.next_if_near(116_999), None);
        assert_eq!(key.next_if_near(117_000), Some(next));
        assert_eq!(Key::of_seed([1; 32]).next_if_near(u64::MAX), None);
    }

    #[test]
    fn tells_epochs_of_different_algorithms_apart() {
        let keys = [Algorithm::Ethash, Algorithm::Etchash, Algorithm::KawPow]
            .map(|algorithm| Key::of_block(algorithm, 0).unwrap().unwrap());
        assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
        assert!(Key::of_block(Algorithm::Scrypt, 0).is_none());
        assert!(Key::of_block(Algorithm::KawPow, u64::MAX).unwrap().is_err());
    }
}
