//! The IRIs of functions, parameters and outputs, and which of them is near another.

/// Names of GREL in the namespaces in use.
macro_rules! grel {
    ($($name:literal),+ $(,)?) => {
        &[$(
            concat!("http://users.ugent.be/~bjdmeest/function/grel.ttl#", $name),
            concat!("https://users.ugent.be/~bjdmeest/function/grel.ttl#", $name),
        )+]
    };
}

/// Names of the `IDLab` functions in the namespaces in use, the older one last; behind `grel` names of GREL that stand for the same.
macro_rules! idlab {
    ($($name:literal),+ $(; grel $($grel:literal),+)? $(; morph $($morph:literal),+)? $(,)?) => {
        &[
            $(concat!("https://w3id.org/imec/idlab/function#", $name),
            concat!("http://w3id.org/imec/idlab/function#", $name),
            concat!("http://example.com/idlab/function/", $name),)+
            $($(concat!("http://users.ugent.be/~bjdmeest/function/grel.ttl#", $grel),
            concat!("https://users.ugent.be/~bjdmeest/function/grel.ttl#", $grel),)+)?
            $($(concat!("https://github.com/morph-kgc/morph-kgc/function/built-in.ttl#", $morph),)+)?
        ]
    };
}

/// Names of the functions that `morph-kgc` adds.
macro_rules! morph {
    ($($name:literal),+ $(; grel $($grel:literal),+)? $(,)?) => {
        &[
            $(concat!("https://github.com/morph-kgc/morph-kgc/function/built-in.ttl#", $name),
            concat!("http://github.com/morph-kgc/morph-kgc/function/built-in.ttl#", $name),)+
            $($(concat!("http://users.ugent.be/~bjdmeest/function/grel.ttl#", $grel),
            concat!("https://users.ugent.be/~bjdmeest/function/grel.ttl#", $grel),)+)?
        ]
    };
}

pub(super) use {grel, idlab, morph};

/// The IRI that stands for `rdf:_1`, `rdf:_2` and so on.
pub(super) const MEMBER: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#_nnn";

/// The outputs of every function: what engines that do not look at the name of an output have let pass. A name that is of no output is
/// still told from them.
pub(super) const OUTPUTS: &[&str] = idlab!(
    "_stringOut", "stringOut", "_boolOut", "o_boolOut", "boolOut", "_listOut", "listOut";
    grel "stringOut", "stringOutput", "output_string", "output_bool", "o_bool", "output_number", "o_number",
    "output_decimal", "o_decimal", "output_array", "o_array", "output_any", "o_any", "output_date",
    "o_date", "output_datetime", "o_datetime"
);

/// Functions of others that are not pure, with the reason.
const REFUSED: &[(&[&str], &str)] = &[
    (
        grel!("date_now"),
        "its value is the time of the run, and the same input has to give the same output; give the time in the mapping or the table",
    ),
    (
        grel!("math_randomNumber"),
        "its value is left to chance, and the same input has to give the same output",
    ),
    (
        idlab!("random"; grel "random"; morph "uuid"),
        "its value is left to chance, and the same input has to give the same output; `hash` makes a name from a value",
    ),
    (
        idlab!(
            "generateUniqueIRI",
            "createUniqueIRI",
            "updateUniqueIRI",
            "implicitCreate",
            "implicitUpdate",
            "implicitDelete",
            "explicitCreate",
            "explicitUpdate",
            "explicitDelete",
        ),
        "it remembers earlier rows and runs, and the same row has to give the same statements",
    ),
    (
        idlab!("lookup", "lookupWithDelimiter", "multipleLookup"),
        "functions open no files; join with the file as a second logical source",
    ),
    (idlab!("readFile"), "functions open no files"),
    (
        idlab!("dbpediaSpotlight"),
        "functions open no network connections",
    ),
];

pub(super) fn refused(iri: &str) -> Option<&'static str> {
    REFUSED
        .iter()
        .find(|(iris, _)| iris.contains(&iri))
        .map(|(_, reason)| *reason)
}

/// Whether `iri` is `rdf:_1`, `rdf:_2` or so on.
pub(super) fn is_member(iri: &str) -> bool {
    iri.strip_prefix(MEMBER.trim_end_matches("nnn"))
        .is_some_and(|number| {
            !number.is_empty()
                && !number.starts_with('0')
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
}

fn split(iri: &str) -> (&str, &str) {
    let at = iri.rfind(['#', '/', ':']).map_or(0, |at| at + 1);
    iri.split_at(at)
}

// `string_toUpperCase` and `toUpperCase` are one name to people.
fn bare(local: &str) -> String {
    let local = local
        .strip_prefix("string_")
        .or_else(|| local.strip_prefix("p_"))
        .or_else(|| local.strip_prefix("param_"))
        .unwrap_or(local);
    local.trim_start_matches('_').to_lowercase()
}

pub(super) fn nearest(
    iri: &str,
    known: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    let (namespace, local) = split(iri);
    let wanted = bare(local);
    known
        .map(|known| {
            let (place, name) = split(known);
            let distance =
                strsim::damerau_levenshtein(&wanted, &bare(name)) * 4 + usize::from(name != local);
            (distance, place != namespace, known)
        })
        .min_by_key(|(distance, elsewhere, _)| (*distance, *elsewhere))
        .filter(|(distance, _, _)| distance / 4 <= wanted.chars().count().max(3) / 3)
        .map(|(_, _, known)| known)
}
