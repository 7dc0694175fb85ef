/// Of a 64-bit number.
pub const MAX_BYTES: usize = 10;

/// Seven bits a byte, the lowest first; the top bit says that there are more.
pub fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_seven_bits_a_byte() {
        let cases: [(u64, &[u8]); 6] = [
            (0, &[0]),
            (0x7f, &[0x7f]),
            (0x80, &[0x80, 1]),
            (300, &[0xac, 2]),
            (1 << 14, &[0x80, 0x80, 1]),
            (u64::MAX, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
        ];
        for (value, expected) in cases {
            let mut bytes = vec![9];
            push_varint(&mut bytes, value);
            assert_eq!(bytes[1..], *expected, "{value}");
            assert!(bytes.len() - 1 <= MAX_BYTES);
        }
    }
}
