//! The bytes that the contract fixes. `frameworks/kit` has the same, in Go.

/// The body of `GET /plaintext`: the very file that the kit embeds.
pub const PLAINTEXT: &str = include_str!("../../../frameworks/kit/plaintext.txt");
// With other ends of lines every server and every check would have another body, and agree.
const _: () = assert!(
    PLAINTEXT.len() == 1024,
    "frameworks/kit/plaintext.txt is not the contract's 1,024 bytes: a checkout with CR LF at the \
     ends of lines has more; `git config core.autocrlf false`, then `git checkout HEAD -- .`"
);
/// The length of the body of `GET /blob`, in bytes.
pub const BLOB_BYTES: usize = 1 << 20;

/// The finaliser of MurmurHash3, a bijection on 32-bit integers: reproducible bytes and
/// names in any language.
fn mix(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x85eb_ca6b);
    x ^= x >> 13;
    x = x.wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}

/// The body of `GET /blob`: its 32-bit little-endian word number i is `mix(i)`.
pub fn blob() -> Vec<u8> {
    (0..BLOB_BYTES as u32 / 4)
        .flat_map(|i| mix(i).to_le_bytes())
        .collect()
}

/// How alike the paths of the extra routes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteSet {
    /// They differ within their first few bytes.
    Distinct,
    /// They share one long prefix.
    Shared,
    /// They are static routes that the contract's route with parameters also matches.
    Beside,
}

impl RouteSet {
    /// The word behind the colon in `ROUTES`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Distinct => "distinct",
            Self::Shared => "shared",
            Self::Beside => "beside",
        }
    }
}

/// The path of extra route number `index`; it answers with its index.
///
/// The name is two proquints (arXiv:0901.4016) of the scrambled index.
pub fn extra_route(set: RouteSet, index: u32) -> String {
    const SEED: u32 = 0x6c_6162;
    let name = mix(index ^ SEED);
    let (first, second) = (proquint((name >> 16) as u16), proquint(name as u16));
    match set {
        RouteSet::Distinct => format!("/{first}/{second}"),
        RouteSet::Shared => format!("/public/api/v1/catalogue/products/by-name/{first}/{second}"),
        RouteSet::Beside => format!("/user/{first}/post/{second}"),
    }
}

fn proquint(bits: u16) -> String {
    const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
    const VOWELS: &[u8; 4] = b"aiou";
    let consonant = |shift: u16| char::from(CONSONANTS[usize::from(bits >> shift & 15)]);
    let vowel = |shift: u16| char::from(VOWELS[usize::from(bits >> shift & 3)]);
    [
        consonant(12),
        vowel(10),
        consonant(6),
        vowel(4),
        consonant(0),
    ]
    .iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plaintext_is_1024_bytes_of_ascii() {
        assert_eq!(PLAINTEXT.len(), 1024);
        assert!(PLAINTEXT.is_ascii());
    }

    #[test]
    fn proquints_are_those_of_the_paper() {
        // 127.0.0.1 is lusab-babad, 63.84.220.193 is gutih-tugad.
        assert_eq!(proquint(0x7f00), "lusab");
        assert_eq!(proquint(0x0001), "babad");
        assert_eq!(proquint(0x3f54), "gutih");
        assert_eq!(proquint(0xdcc1), "tugad");
    }
}
