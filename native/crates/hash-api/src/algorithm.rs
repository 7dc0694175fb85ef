/// A proof-of-work function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    Sha256d,
    /// scrypt with N=1024, r=1, p=1, the header as password and salt.
    Scrypt,
    Ethash,
    /// Ethash with epochs of 60,000 blocks (ECIP-1099).
    Etchash,
    KawPow,
    /// `rx/0`.
    RandomX,
    /// `rx/2`.
    RandomXV2,
}

/// What a puzzle of an algorithm is made of and what its hasher needs beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// An 80-byte header with a 32-bit nonce; nothing to prepare. The hash is a little-endian number.
    Header,
    /// A header hash and a 64-bit nonce over an epoch's dataset; proves with a mix. The hash is a big-endian
    /// number.
    Seal,
    /// A blob with a 32-bit nonce inside, over a seed's dataset. The hash is a little-endian number.
    Blob,
}

impl Algorithm {
    pub const ALL: [Self; 7] = [
        Self::Sha256d,
        Self::Scrypt,
        Self::Ethash,
        Self::Etchash,
        Self::KawPow,
        Self::RandomX,
        Self::RandomXV2,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256d => "sha256d",
            Self::Scrypt => "scrypt",
            Self::Ethash => "ethash",
            Self::Etchash => "etchash",
            Self::KawPow => "kawpow",
            Self::RandomX => "randomx",
            Self::RandomXV2 => "randomx-v2",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    pub const fn family(self) -> Family {
        match self {
            Self::Sha256d | Self::Scrypt => Family::Header,
            Self::Ethash | Self::Etchash | Self::KawPow => Family::Seal,
            Self::RandomX | Self::RandomXV2 => Family::Blob,
        }
    }
}
