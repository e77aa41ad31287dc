//! Names of months and days in the languages that patterns may use.

/// From Monday on.
pub(super) const ENGLISH_DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// Month names of a language: from January on, full and short ones as Unicode's locale data has them. A short name may also be written
/// with or without its full stop.
pub(super) struct Names {
    pub(super) language: &'static str,
    pub(super) full: &'static str,
    pub(super) short: &'static str,
    pub(super) days: &'static str,
}

/// In the order in which messages list them.
pub(super) const LANGUAGES: &[Names] = &[
    Names {
        language: "en",
        full: "january february march april may june july august september october november december",
        short: "jan feb mar apr may jun jul aug sep oct nov dec",
        days: "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun",
    },
    Names {
        language: "de",
        full: "januar februar märz april mai juni juli august september oktober november dezember",
        short: "jan feb märz apr mai juni juli aug sept okt nov dez",
        days: "montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so",
    },
    Names {
        language: "es",
        full: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        short: "ene feb mar abr may jun jul ago sept oct nov dic",
        days: "lunes martes miércoles jueves viernes sábado domingo lun mar mié jue vie sáb dom",
    },
    Names {
        language: "fr",
        full: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        short: "janv févr mars avr mai juin juil août sept oct nov déc",
        days: "lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim",
    },
    Names {
        language: "it",
        full: "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        short: "gen feb mar apr mag giu lug ago set ott nov dic",
        days: "lunedì martedì mercoledì giovedì venerdì sabato domenica lun mar mer gio ven sab dom",
    },
    Names {
        language: "nl",
        full: "januari februari maart april mei juni juli augustus september oktober november december",
        short: "jan feb mrt apr mei jun jul aug sep okt nov dec",
        days: "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma di wo do vr za zo",
    },
    Names {
        language: "pt",
        full: "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        short: "jan fev mar abr mai jun jul ago set out nov dez",
        days: "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo seg ter qua qui sex sáb dom",
    },
];
