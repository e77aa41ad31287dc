//! Secrets: from a file or the environment, never from the command line.
//!
//! In: [`PushArgs`]. Out: [`Credentials`].

use super::args::{AuthArg, PushArgs};
use super::exit::Failure;
use crate::diagnostic::{Diagnostic, Location};
use crate::push::{Credentials, Profile};
use std::env::VarError;
use std::path::Path;

const PASSWORD: &str = "KG_PASSWORD";
const TOKEN: &str = "KG_TOKEN";

/// What the options ask for; where they do not say how, by what there is.
pub(crate) fn credentials(args: &PushArgs, profile: Profile) -> Result<Credentials, Failure> {
    let how = args.auth.unwrap_or({
        if args.user.is_some() {
            if profile == Profile::Virtuoso {
                AuthArg::Digest
            } else {
                AuthArg::Basic
            }
        } else if args.token_file.is_some() || has_token() {
            AuthArg::Bearer
        } else {
            AuthArg::None
        }
    });
    let password = || -> Result<(String, String), Failure> {
        let Some(user) = &args.user else {
            return Err(missing("no `--user` is given").into());
        };
        let password = secret(args.password_file.as_deref(), PASSWORD, "--password-file")?;
        Ok((user.clone(), password))
    };
    Ok(match how {
        AuthArg::None => Credentials::None,
        AuthArg::Basic => {
            let (user, password) = password()?;
            Credentials::Basic(user, password)
        }
        AuthArg::Digest => {
            let (user, password) = password()?;
            if !user.is_ascii() {
                return Err(
                    missing("`--user` is not in ASCII, and a digest has no other names")
                        .with_help("use `--auth basic`, with an address that begins with `https`")
                        .into(),
                );
            }
            Credentials::Digest(user, password)
        }
        AuthArg::Bearer => {
            let token = secret(args.token_file.as_deref(), TOKEN, "--token-file")?;
            if token.is_empty() {
                return Err(missing("the token is empty").into());
            }
            Credentials::Bearer(token)
        }
    })
}

/// Whether there is a token in the environment.
pub(crate) fn has_token() -> bool {
    std::env::var_os(TOKEN).is_some_and(|token| !token.is_empty())
}

/// The name and the password, where a name is given.
pub(crate) fn login(args: &PushArgs) -> Result<Credentials, Failure> {
    let Some(user) = &args.user else {
        return match args.auth {
            Some(AuthArg::Basic) => Err(missing("no `--user` is given").into()),
            _ => Ok(Credentials::None),
        };
    };
    let password = secret(args.password_file.as_deref(), PASSWORD, "--password-file")?;
    Ok(Credentials::Basic(user.clone(), password))
}

fn secret(file: Option<&Path>, variable: &str, option: &str) -> Result<String, Failure> {
    if let Some(file) = file {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Diagnostic::error(
                "push::secret",
                format!("the file of the secret cannot be read: {error}"),
                Location::of_source(file.display().to_string()),
            )
        })?;
        // Editors of some systems put a mark before the text.
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        let secret = text.lines().next().unwrap_or_default();
        if secret.trim().is_empty() {
            return Err(Diagnostic::error(
                "push::secret",
                "the first line of the file is empty",
                Location::of_source(file.display().to_string()),
            )
            .with_help("the secret is its first line")
            .into());
        }
        return Ok(secret.to_owned());
    }
    match std::env::var(variable) {
        Ok(secret) => Ok(secret),
        Err(VarError::NotUnicode(_)) => Err(missing(&format!("`{variable}` is not in UTF-8"))
            .with_help(format!("set it in UTF-8, or name a file with `{option}`"))
            .into()),
        Err(VarError::NotPresent) => Err(missing(&format!(
            "there is no `{variable}` in the environment"
        ))
        .with_help(format!("set it, or name a file with `{option}`"))
        .into()),
    }
}

fn missing(message: &str) -> Diagnostic {
    Diagnostic::error("push::secret", message, Location::default())
}
