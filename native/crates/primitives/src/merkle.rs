use crate::Hash;

/// Two hashes side by side: the 64 bytes an inner node of the tree is the double SHA-256 of.
pub type MerklePair = [u8; 64];

/// Root of the tree from its leaf 0 and the siblings on the way up, internal order, as in `mining.notify`.
pub fn fold_merkle_branch(leaf: Hash, branch: &[Hash], hash_pair: impl Fn(&MerklePair) -> Hash) -> Hash {
    branch.iter().fold(leaf, |node, sibling| {
        let mut pair = [0u8; 64];
        pair[..32].copy_from_slice(&node);
        pair[32..].copy_from_slice(sibling);
        hash_pair(&pair)
    })
}
