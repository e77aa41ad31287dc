//! Names: of columns from their titles, of things from the names of files, and languages in them.
//!
//! In: titles and file names as people write them. Out: words, names that URI templates can use,
//! and the language that a title ends in.

use crate::rdf::iri::{Safe, push_encoded};
use rustc_hash::FxHashSet;

/// The words of a title in lower case: split where no letter or digit stands and where a capital
/// begins in the middle; Latin letters lose their marks.
pub(super) fn words(title: &str) -> Vec<String> {
    let letters: Vec<char> = title.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, letter) in letters.iter().copied().enumerate() {
        if !belongs_to_a_word(letter) {
            words.extend(take(&mut word));
            continue;
        }
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(at + 1);
        let after_small = before.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit());
        let ends_capitals =
            before.is_some_and(char::is_uppercase) && after.is_some_and(|c| c.is_lowercase());
        if letter.is_uppercase() && (after_small || ends_capitals) {
            words.extend(take(&mut word));
        }
        push_folded(&mut word, letter);
    }
    words.extend(take(&mut word));
    words
}

fn take(word: &mut String) -> Option<String> {
    (!word.is_empty()).then(|| std::mem::take(word))
}

// Vowel signs and the like are no letters, but do not part words.
fn belongs_to_a_word(letter: char) -> bool {
    letter.is_alphanumeric()
        || matches!(letter, '\u{300}'..='\u{36F}' | '\u{64B}'..='\u{670}' | '\u{93C}'..='\u{DFF}'
            | '\u{E31}'..='\u{E4E}')
}

fn push_folded(word: &mut String, letter: char) {
    for small in letter.to_lowercase() {
        match small {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' | 'ª' => word.push('a'),
            'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => word.push('c'),
            'ď' | 'đ' | 'ð' => word.push('d'),
            'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => word.push('e'),
            'ĝ' | 'ğ' | 'ġ' | 'ģ' => word.push('g'),
            'ĥ' | 'ħ' => word.push('h'),
            'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => word.push('i'),
            'ĵ' => word.push('j'),
            'ķ' => word.push('k'),
            'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => word.push('l'),
            'ñ' | 'ń' | 'ņ' | 'ň' => word.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'º' => word.push('o'),
            'ŕ' | 'ŗ' | 'ř' => word.push('r'),
            'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => word.push('s'),
            'ţ' | 'ť' | 'ŧ' | 'ț' => word.push('t'),
            'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => word.push('u'),
            'ŵ' => word.push('w'),
            'ý' | 'ÿ' | 'ŷ' => word.push('y'),
            'ź' | 'ż' | 'ž' => word.push('z'),
            'ß' => word.push_str("ss"),
            'æ' => word.push_str("ae"),
            'œ' => word.push_str("oe"),
            'þ' => word.push_str("th"),
            '²' => word.push('2'),
            '³' => word.push('3'),
            '\u{300}'..='\u{36F}' => {}
            other => word.push(other),
        }
    }
}

/// Gives each column a name that no other has: the words of its title with `_` between them, or
/// `column_N`. What is not ASCII is percent-encoded, as URI templates ask.
///
/// Spec: metadata §5.6, "name"; RFC 6570 §2.3
pub(super) fn column_names<'t>(titles: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut taken: FxHashSet<String> = FxHashSet::default();
    titles
        .enumerate()
        .map(|(index, title)| {
            let words = words(title);
            let base = if words.is_empty() {
                format!("column_{}", index + 1)
            } else {
                encoded(&words, "_")
            };
            let mut name = base.clone();
            let mut number = 2;
            while !taken.insert(name.clone()) {
                name = format!("{base}_{number}");
                number += 1;
            }
            name
        })
        .collect()
}

/// Words in one, as a URI template and a fragment can hold them.
pub(super) fn encoded(words: &[String], between: &str) -> String {
    let mut out = String::new();
    push_encoded(&mut out, &words.join(between), Safe::Unreserved);
    out
}

/// What one row of a table is called: the words of its file's name, the last in the singular.
pub(super) fn thing(stem: &str) -> Vec<String> {
    let mut words = words(stem);
    match words.last_mut() {
        Some(last) => *last = singular(last),
        None => words.push("row".to_owned()),
    }
    words
}

/// The singular of an English plural, where its ending is clear.
pub(super) fn singular(word: &str) -> String {
    let is_plain = word.is_ascii() && word.len() > 3 && word.ends_with('s');
    let kept = ["ss", "us", "is", "news", "series", "species"];
    if !is_plain || kept.iter().any(|ending| word.ends_with(ending)) {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "shes", "ches", "xes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    word[..word.len() - 1].to_owned()
}

/// The languages of which one has to be there before a column's ending counts as a language:
/// `user_id` and `user_no` are neither Indonesian nor Norwegian.
const SURE_LANGUAGES: [&str; 26] = [
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "ja", "ko",
    "ku", "nl", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "zh",
];
const MORE_LANGUAGES: [&str; 30] = [
    "az", "be", "bn", "bs", "ca", "et", "eu", "fil", "ga", "gl", "hr", "hy", "id", "is", "it",
    "ka", "kk", "lt", "lv", "mk", "mt", "no", "sk", "sl", "sq", "sr", "th", "ur", "uz", "vi",
];

/// A title that ends in a language tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tagged {
    /// The title without the tag.
    pub(super) stem: String,
    pub(super) tag: String,
    /// Whether `@` stands before the tag, which says it outright.
    explicit: bool,
    sure: bool,
}

fn tagged(title: &str) -> Option<Tagged> {
    let title = title.trim();
    let bracketed = title
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once('('))
        .or_else(|| title.strip_suffix(']')?.rsplit_once('['));
    let signed = || title.rsplit_once('@');
    let (stem, tag, explicit) = if let Some((stem, tag)) = bracketed {
        (stem, tag, false)
    } else if let Some((stem, tag)) = signed() {
        (stem, tag, true)
    } else {
        let (stem, tag) = title.rsplit_once('_')?;
        (stem, tag, false)
    };
    let (primary, more) = tag.split_once('-').unwrap_or((tag, ""));
    let sure = SURE_LANGUAGES.contains(&primary);
    let known = sure || MORE_LANGUAGES.contains(&primary);
    let more_fits = !tag.ends_with('-')
        && more.len() <= 4
        && more.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let stem = stem.trim();
    (known && more_fits && !stem.is_empty()).then(|| Tagged {
        stem: stem.to_owned(),
        tag: tag.to_owned(),
        explicit,
        sure,
    })
}

/// The languages that titles end in: where `@` says so, or where two titles differ in nothing but
/// a language.
pub(super) fn languages(titles: &[&str]) -> Vec<Option<Tagged>> {
    let all: Vec<Option<Tagged>> = titles.iter().map(|title| tagged(title)).collect();
    all.iter()
        .map(|one| {
            let one = one.as_ref()?;
            let siblings = || {
                all.iter()
                    .flatten()
                    .filter(|other| other.stem == one.stem && other.tag != one.tag)
            };
            let is_language = one.explicit
                || (siblings().next().is_some()
                    && (one.sure || siblings().any(|other| other.sure)));
            is_language.then(|| one.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_names() {
        let titles = [
            "Country Code",
            "countryISO3",
            "HTTPServer",
            "Größe (km²)",
            "",
            "country-code",
            "2020",
            "_id",
            "مدينة",
            "%",
        ];
        assert_eq!(
            column_names(titles.into_iter()),
            [
                "country_code",
                "country_iso3",
                "http_server",
                "grosse_km2",
                "column_5",
                "country_code_2",
                "2020",
                "id",
                "%D9%85%D8%AF%D9%8A%D9%86%D8%A9",
                "column_10",
            ]
        );
    }

    #[test]
    fn files_name_things() {
        let check = |stem: &str, expected: &str| {
            assert_eq!(encoded(&thing(stem), "-"), expected, "{stem}");
        };
        check("cities", "city");
        check("Star Names", "star-name");
        check("status", "status");
        check("boxes", "box");
        check("gas", "gas");
        check("...", "row");
    }

    #[test]
    fn languages_need_a_sibling_or_a_sign() {
        let tags = |titles: &[&str]| -> Vec<Option<String>> {
            languages(titles)
                .into_iter()
                .map(|tagged| tagged.map(|tagged| tagged.tag))
                .collect()
        };
        let some = |tag: &str| Some(tag.to_owned());
        assert_eq!(tags(&["name_en", "name_ar"]), [some("en"), some("ar")]);
        assert_eq!(tags(&["name_en", "name_it"]), [some("en"), some("it")]);
        assert_eq!(tags(&["name@en"]), [some("en")]);
        assert_eq!(tags(&["name_en", "title_ar"]), [None, None]);
        assert_eq!(tags(&["user_id", "user_no"]), [None, None]);
        assert_eq!(
            tags(&["Name (de)", "Name (pt-BR)"]),
            [some("de"), some("pt-BR")]
        );
    }
}
