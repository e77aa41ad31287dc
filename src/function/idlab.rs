//! Functions of `IDLab` and `morph-kgc` that belong to no other theme.

use super::argument::{any, text};
use super::list::DELIMITER;
use super::names::{OUTPUTS, idlab};
use super::text::{TEXT, VALUE, on_text};
use super::{Function, Kind, LONGEST_TEXT, Nulls, Parameter, Value};

const OTHER: Parameter = Parameter {
    name: "otherStr",
    iris: idlab!("otherStr", "_otherStr"; grel "valueParameter2", "valueParam2", "string_sub", "param_string_sub"),
    ..VALUE
};

const fn number(name: &'static str, iris: &'static [&'static str], required: bool) -> Parameter {
    Parameter {
        name,
        iris,
        required,
        kind: Kind::Number,
    }
}

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "toUpperCaseURL",
        iris: idlab!("toUpperCaseURL"),
        description: "the text in upper case, with `http://` before it where it has no scheme",
        call: |values| {
            on_text(values, |text| {
                let upper = text.to_uppercase();
                if upper.starts_with("HTTP://") || upper.starts_with("HTTPS://") {
                    upper
                } else {
                    format!("http://{upper}")
                }
            })
        },
        ..TEXT
    },
    Function {
        name: "slugify",
        iris: idlab!("slugify"; grel "slugify"),
        description: "the text in small letters without marks, with `-` in place of what is neither letter nor digit",
        call: |values| on_text(values, slug),
        ..TEXT
    },
    Function {
        name: "trueCondition",
        iris: idlab!("trueCondition"),
        parameters: &[
            Parameter {
                name: "strBoolean",
                iris: idlab!("strBoolean", "_strBoolean"; grel "bool_b", "param_b"),
                required: true,
                kind: Kind::Any,
            },
            Parameter {
                kind: Kind::Any,
                ..VALUE
            },
        ],
        returns: Kind::Any,
        description: "the value where the other is `true`, else null",
        call: |values| {
            let holds = any(values, 0).is_true();
            let value = if holds { any(values, 1) } else { &Value::Null };
            Ok(value.clone().into_owned())
        },
        ..TEXT
    },
    Function {
        name: "decide",
        iris: idlab!("decide"),
        parameters: &[
            VALUE,
            Parameter {
                name: "expectedStr",
                iris: idlab!("expectedStr", "_expectedStr"),
                ..VALUE
            },
            Parameter {
                name: "result",
                iris: idlab!("result", "_result"),
                kind: Kind::Any,
                ..VALUE
            },
        ],
        returns: Kind::Any,
        description: "a result where the text is the expected one, else null",
        call: |values| {
            let is_expected = text(values, 0) == text(values, 1);
            let value = if is_expected {
                any(values, 2)
            } else {
                &Value::Null
            };
            Ok(value.clone().into_owned())
        },
        ..TEXT
    },
    Function {
        name: "inRange",
        iris: idlab!("inRange"),
        parameters: &[
            number("p_test", idlab!("p_test", "_test"), true),
            number("p_from", idlab!("p_from", "_from"), false),
            number("p_to", idlab!("p_to", "_to"), false),
        ],
        outputs: OUTPUTS,
        returns: Kind::Boolean,
        nulls: Nulls::Given,
        description: "whether a number is not less than one and less than another, either of which may be missing",
        call: |values| {
            let [test, from, to] = [0, 1, 2].map(|index| any(values, index));
            let is_in = *test != Value::Null
                && (*from == Value::Null || test.as_double() >= from.as_double())
                && (*to == Value::Null || test.as_double() < to.as_double());
            Ok(Value::Boolean(is_in))
        },
    },
    Function {
        name: "stringContainsOtherString",
        iris: idlab!("stringContainsOtherString"),
        parameters: &[
            VALUE,
            OTHER,
            Parameter {
                required: true,
                ..DELIMITER
            },
        ],
        returns: Kind::Boolean,
        description: "whether the other text is one of those between the delimiters",
        call: |values| {
            let parts = super::pattern::split(
                text(values, 0).unwrap_or_default(),
                text(values, 2).unwrap_or_default(),
            )?;
            let wanted = text(values, 1).unwrap_or_default();
            Ok(Value::Boolean(parts.iter().any(|part| part == wanted)))
        },
        ..TEXT
    },
    Function {
        name: "contains",
        iris: idlab!("contains", "stringContains"),
        parameters: &[VALUE, OTHER],
        returns: Kind::Boolean,
        description: "whether the other text stands in the text",
        call: |values| {
            let wanted = text(values, 1).unwrap_or_default();
            Ok(Value::Boolean(
                text(values, 0).unwrap_or_default().contains(wanted),
            ))
        },
        ..TEXT
    },
    Function {
        name: "concat",
        iris: idlab!("concat"; morph "concat"),
        parameters: &[VALUE, OTHER, DELIMITER],
        description: "two texts, with a delimiter between them",
        call: |values| {
            let [one, other, delimiter] =
                [0, 1, 2].map(|index| text(values, index).unwrap_or_default());
            if one.len() + other.len() + delimiter.len() > LONGEST_TEXT {
                return Err(format!("its value is longer than {LONGEST_TEXT} bytes"));
            }
            Ok(format!("{one}{delimiter}{other}").into())
        },
        ..TEXT
    },
    Function {
        name: "getNull",
        iris: idlab!("getNull"; grel "getNull"),
        parameters: &[],
        description: "null",
        call: |_| Ok(Value::Null),
        ..TEXT
    },
    Function {
        name: "getMIMEType",
        iris: idlab!("getMIMEType"),
        description: "the media type of a file with that name, where it is a known one",
        call: |values| {
            let extension = text(values, 0).and_then(|name| name.rsplit_once('.'));
            let known = extension.and_then(|(_, extension)| {
                let known = MEDIA_TYPES.iter().find(|(known, _)| *known == extension);
                known.map(|(_, media_type)| Value::from(*media_type))
            });
            Ok(known.unwrap_or(Value::Null))
        },
        ..TEXT
    },
    Function {
        name: "alwaysReturnsABC",
        iris: idlab!("alwaysReturnsABC"),
        parameters: &[],
        description: "`ABC`",
        call: |_| Ok(Value::from("ABC")),
        ..TEXT
    },
];

/// The media types of IANA for the extensions that tables name most.
const MEDIA_TYPES: &[(&str, &str)] = &[
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("jsonld", "application/ld+json"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("nq", "application/n-quads"),
    ("nt", "application/n-triples"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("rdf", "application/rdf+xml"),
    ("svg", "image/svg+xml"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("trig", "application/trig"),
    ("tsv", "text/tab-separated-values"),
    ("ttl", "text/turtle"),
    ("txt", "text/plain"),
    ("webp", "image/webp"),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];

fn slug(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        let plain = plain(letter);
        if !plain.is_empty() {
            out.push_str(plain);
        } else if letter.is_ascii_alphanumeric() || letter == '_' {
            out.push(letter);
        } else if !('\u{300}'..='\u{36F}').contains(&letter) && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_matches('-').to_owned()
}

/// A small Latin letter with a mark, without it.
fn plain(letter: char) -> &'static str {
    const FOLDED: &[(&str, &str)] = &[
        ("àáâãäåāăąª", "a"),
        ("çćĉċč", "c"),
        ("ďđð", "d"),
        ("èéêëēĕėęě", "e"),
        ("ĝğġģ", "g"),
        ("ĥħ", "h"),
        ("ìíîïĩīĭįı", "i"),
        ("ĵ", "j"),
        ("ķ", "k"),
        ("ĺļľŀł", "l"),
        ("ñńņň", "n"),
        ("òóôõöøōŏőº", "o"),
        ("ŕŗř", "r"),
        ("śŝşšș", "s"),
        ("ţťŧț", "t"),
        ("ùúûüũūŭůűų", "u"),
        ("ŵ", "w"),
        ("ýÿŷ", "y"),
        ("źżž", "z"),
        ("ß", "ss"),
        ("æ", "ae"),
        ("œ", "oe"),
        ("þ", "th"),
    ];
    if letter.is_ascii() {
        return "";
    }
    FOLDED
        .iter()
        .find(|(letters, _)| letters.contains(letter))
        .map_or("", |(_, plain)| plain)
}
