//! What `convert` and `validate` are to read.
//!
//! In: the actions, paths or URLs, and the options that say where things are. Out: the
//! [`Sources`] and one [`TableGroup`] for each action.

use super::args::{NetworkArgs, SourceArgs};
use super::exit::Failure;
use super::network;
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::mapping::csvw::{self, Options, TableGroup, locate};
use crate::plan::Plan;
use crate::rdf::iri;
use crate::table::link::parse_links;
use crate::table::{Mount, Sources, source};
use std::path::{Path, PathBuf};

/// Actions and where they are read from.
pub(crate) struct Actions {
    pub sources: Sources,
    /// The IRIs, in order.
    iris: Vec<String>,
    /// The IRI of the metadata that the user supplies.
    overriding: Option<String>,
}

/// Where what a mapping names is read from.
///
/// # Errors
/// When an option is not sound.
pub(crate) fn sources(map_url: &[String], args: &NetworkArgs) -> Result<Sources, Failure> {
    let mut places = Places::default();
    for mapping in map_url {
        places.map(mapping)?;
    }
    let sources = Sources::new().with_network(network::policy(args));
    let mounts = places.mounts.into_iter();
    Ok(mounts.fold(sources, |sources, (prefix, mount)| {
        sources.with_mount(prefix, mount)
    }))
}

impl Actions {
    /// Finds the actions.
    ///
    /// # Errors
    /// When an option is not sound.
    pub(crate) fn new(
        files: &[String],
        args: &SourceArgs,
        base: Option<&str>,
    ) -> Result<Self, Failure> {
        let mut places = Places::default();
        for mapping in &args.map_url {
            places.map(mapping)?;
        }
        let mut iris = Vec::new();
        for file in files {
            iris.push(places.action(file, base)?);
        }
        let overriding = match &args.metadata {
            None => None,
            Some(_) if iris.iter().all(|iri| locate::is_metadata(iri)) => {
                return Err(Diagnostic::error(
                    "cli::metadata",
                    "`--metadata` is for CSV files, and a metadata document speaks for itself",
                    Location::default(),
                )
                .with_help("leave `--metadata` out, or name the CSV file")
                .into());
            }
            Some(metadata) if metadata.is_empty() => {
                return Err(Diagnostic::error(
                    "cli::metadata",
                    "`--metadata` names no file",
                    Location::default(),
                )
                .into());
            }
            Some(metadata) => Some(places.resource(metadata)),
        };
        let mut sources = Sources::new().with_network(network::policy(&args.network));
        for (prefix, mount) in places.mounts {
            sources = sources.with_mount(prefix, mount);
        }
        for value in &args.link_header {
            let links = parse_links(value);
            if links.is_empty() {
                return Err(Diagnostic::error(
                    "cli::link-header",
                    format!("`{value}` is not the value of a Link header"),
                    Location::default(),
                )
                .with_help(
                    "write `<metadata.json>; rel=\"describedby\"; type=\"application/csvm+json\"`",
                )
                .into());
            }
            for iri in &iris {
                sources = sources.with_links(iri, links.clone());
            }
        }
        Ok(Self {
            sources,
            iris,
            overriding,
        })
    }

    /// Reads the metadata of all actions and makes one plan; nothing where one of them is beyond use,
    /// which the diagnostics say.
    pub(crate) fn plan(&self, options: &Options, diagnostics: &mut Diagnostics) -> Option<Plan> {
        let mut plan = Plan::default();
        let mut sound = true;
        for action in &self.iris {
            let lowered = self
                .group(action, options, diagnostics)
                .and_then(|group| csvw::lower(&group, options, diagnostics));
            match lowered {
                Some(lowered) => plan.append(lowered),
                None => sound = false,
            }
        }
        sound.then_some(plan)
    }

    /// Whether each action is there at all.
    pub(crate) fn are_there(&self) -> bool {
        let mut iris = self.iris.iter().chain(&self.overriding);
        iris.all(|iri| self.sources.fetch_ahead(iri).is_ok())
    }

    fn group(
        &self,
        action: &str,
        options: &Options,
        diagnostics: &mut Diagnostics,
    ) -> Option<TableGroup> {
        let overriding = self.overriding.as_deref();
        csvw::open(action, overriding, &self.sources, options, diagnostics)
    }
}

impl SourceArgs {
    /// Without an action there is nothing that the options could be about.
    pub(crate) fn refuse_without_action(&self) -> Result<(), Failure> {
        let given = [
            ("--metadata", self.metadata.is_some()),
            ("--map-url", !self.map_url.is_empty()),
            ("--link-header", !self.link_header.is_empty()),
            ("--lenient", self.lenient),
            ("--allow-network", self.network.allow_network),
        ];
        match given.iter().find(|(_, given)| *given) {
            None => Ok(()),
            Some((option, _)) => Err(Diagnostic::error(
                "cli::no-action",
                format!("`{option}` goes with a table or a metadata document, and none is named"),
                Location::default(),
            )
            .with_help("name the file behind the options")
            .into()),
        }
    }
}

/// What has to be mounted.
#[derive(Default)]
struct Places {
    mounts: Vec<(String, Mount)>,
}

impl Places {
    // `PREFIX=DIR`, or `IRI=FILES`; both may hold `=`, so that what is there decides.
    fn map(&mut self, mapping: &str) -> Result<(), Failure> {
        let invalid = |message: String, help: &str| {
            Failure::from(
                Diagnostic::error("cli::map-url", message, Location::default()).with_help(help),
            )
        };
        let parts: Vec<(&str, &str)> = mapping
            .match_indices('=')
            .map(|(at, _)| (&mapping[..at], &mapping[at + 1..]))
            .collect();
        let there = parts
            .iter()
            .find(|(_, path)| is_there(&absolute(path)))
            .or(parts.last());
        let Some((prefix, path)) = there else {
            return Err(invalid(
                format!("`{mapping}` does not map an address to a folder"),
                "write `--map-url https://example.org/data/=FOLDER`",
            ));
        };
        if iri::check(prefix).is_err() {
            return Err(invalid(
                format!("`{prefix}` is not an absolute IRI"),
                "write `--map-url https://example.org/data/=FOLDER`",
            ));
        }
        let path = absolute(path);
        let mount = if path.is_dir() {
            Mount::Folder(path)
        } else if is_there(&path) {
            Mount::File(Some(path))
        } else if source::is_pattern(&path) {
            let message = format!("no file matches `{}`", path.display());
            let help = source::read_file(&path)
                .err()
                .and_then(|error| error.hint());
            return Err(invalid(
                message,
                &help.unwrap_or("name files that are there".to_owned()),
            ));
        } else {
            return Err(invalid(
                format!("there is no folder `{}`", path.display()),
                "name a folder that is there",
            ));
        };
        let prefix = normalized(prefix);
        if self.mounts.iter().any(|(known, _)| *known == prefix) {
            return Err(invalid(
                format!("`{prefix}` is mapped twice"),
                "map an address to one folder",
            ));
        }
        self.mounts.push((prefix, mount));
        Ok(())
    }

    // The IRI of an action, under the base where there is one.
    fn action(&mut self, file: &str, base: Option<&str>) -> Result<String, Failure> {
        let invalid = |base: &str| {
            Failure::from(Diagnostic::error(
                "cli::base",
                format!("the base `{base}` is not an absolute IRI"),
                Location::default(),
            ))
        };
        if file.is_empty() {
            return Err(Diagnostic::error(
                "cli::no-action",
                "an argument is empty, where a file or an address was expected",
                Location::default(),
            )
            .into());
        }
        if is_url(file) && base.is_some() {
            return Err(Diagnostic::error(
                "cli::base",
                format!("`--base` is for files, and `{file}` has an address"),
                Location::default(),
            )
            .with_help("leave `--base` out, or map the address with `--map-url`")
            .into());
        }
        if file == "-" {
            let action = match base {
                Some(base) => iri::resolve(base, "stdin").map_err(|_| invalid(base))?,
                None => "urn:stdin".to_owned(),
            };
            self.mounts.push((action.clone(), Mount::File(None)));
            return Ok(action);
        }
        let path = absolute(file);
        let (Some(base), Some(folder), Some(name), false) =
            (base, path.parent(), path.file_name(), is_url(file))
        else {
            return Ok(self.resource(file));
        };
        let mut segment = String::new();
        iri::push_path_segment(&mut segment, &name.to_string_lossy());
        // A name with a colon would look like a scheme.
        let action = iri::resolve(base, &format!("./{segment}")).map_err(|_| invalid(base))?;
        let prefix = action[..action.len() - segment.len()].to_owned();
        for (known, mount) in &self.mounts {
            if *known == prefix && !matches!(mount, Mount::Folder(known) if known == folder) {
                return Err(Diagnostic::error(
                    "cli::base",
                    "files of two folders cannot stand under one base",
                    Location::of_source(file),
                )
                .with_help("convert them one by one, or leave `--base` out")
                .into());
            }
        }
        self.mounts.push((prefix, Mount::Folder(folder.to_owned())));
        Ok(action)
    }

    // The IRI of a path or URL; a file in a mapped folder has the address that it is mapped to.
    fn resource(&self, file: &str) -> String {
        if is_url(file) {
            return normalized(file);
        }
        let path = absolute(file);
        for (prefix, mount) in &self.mounts {
            let Mount::Folder(folder) = mount else {
                continue;
            };
            let Ok(inside) = path.strip_prefix(folder) else {
                continue;
            };
            let mut iri = prefix.trim_end_matches('/').to_owned();
            for segment in inside.components() {
                iri.push('/');
                iri::push_path_segment(&mut iri, &segment.as_os_str().to_string_lossy());
            }
            return iri;
        }
        iri::from_path(&path)
    }
}

/// Whether a text is an address: anything with a scheme and `//`. What cannot be fetched is told by name.
pub(crate) fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

// An address as it is compared, without a fragment, which is no part of what is fetched.
//
// Spec: tabular-data-model §6.3, RFC 3986 §3.5
fn normalized(address: &str) -> String {
    iri::normalize(address.split('#').next().unwrap_or_default())
}

fn is_there(path: &Path) -> bool {
    path.exists() || source::matches_files(path)
}

fn absolute(path: &str) -> PathBuf {
    std::path::absolute(Path::new(path)).unwrap_or_else(|_| PathBuf::from(path))
}
