use otedama_primitives::{U256, decode_compact, difficulty_of_bits, encode_compact, target_for_difficulty};
use otedama_test_vectors::cases;

#[test]
fn decodes_and_reencodes_compact_bits() {
    for case in cases("sha256d", "compact-bits") {
        let compact = decode_compact(case.hex_u32("/bits"));
        assert_eq!(compact.negative, case.flag("/negative"), "{}", case.id());
        assert_eq!(compact.overflow, case.flag("/overflow"), "{}", case.id());
        assert_eq!(compact.pow_target().is_some(), case.flag("/valid_as_pow_target"), "{}", case.id());
        assert_eq!(compact.value, U256::from_be_bytes(case.array("/target")), "{}", case.id());
        if !compact.negative {
            assert_eq!(encode_compact(compact.value), case.hex_u32("/reencoded_bits"), "{}", case.id());
        }
    }
}

#[test]
fn reads_the_target_of_every_header() {
    for file in ["sha256d", "scrypt"] {
        for case in cases(file, "header") {
            let target = decode_compact(case.hex_u32("/bits")).pow_target();
            assert_eq!(target, Some(U256::from_be_bytes(case.array("/target"))), "{}", case.id());
        }
    }
}

#[test]
fn computes_difficulty_as_nodes_do() {
    for case in cases("sha256d", "difficulty") {
        let (difficulty, expected) = (difficulty_of_bits(case.hex_u32("/bits")), case.number("/difficulty"));
        let error = (difficulty - expected).abs();
        assert!(error <= 1e-5 || error <= expected * 1e-12, "{}: {difficulty}", case.id());
    }
}

#[test]
fn turns_difficulties_into_exact_targets() {
    for case in cases("stratum-v1", "difficulty-target") {
        let target = target_for_difficulty(case.number("/difficulty"));
        assert_eq!(target, Some(U256::from_be_bytes(case.array("/target"))), "{}", case.id());
    }
}
