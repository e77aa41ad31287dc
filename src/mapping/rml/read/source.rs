//! Logical sources and the files that they are on.
//!
//! Spec: RML-IO §3; RML-IO-Registry

use super::term::local_name;
use super::{At, Read, Reader, fault, name_of, vocabulary};
use crate::diagnostic::Diagnostic;
use crate::mapping::rml::graph::{Statement, node};
use crate::mapping::rml::model::{
    CsvwDialect, Formulation, LogicalSource, Place, Root, Rows, Source,
};
use crate::mapping::rml::vocab::{CSVW, Property};
use oxrdf::{NamedOrBlankNode, Term};

impl<'g> Reader<'g, '_> {
    /// The number of the logical source of a triples map, if it has one.
    pub(super) fn logical_source_of(&mut self, node: &NamedOrBlankNode) -> Read<Option<usize>> {
        let mut statements = self.graph.values(node, Property::LogicalSource);
        let Some(statement) = statements.next() else {
            return Ok(None);
        };
        if let Some(second) = statements.next() {
            let shown = self.graph.show_node(node);
            let message = format!("{shown} has several logical sources");
            let help = "tables that are read together are joined in an `rml:LogicalView`";
            let place = self.graph.place(second);
            return self
                .fail(fault("rml::several-logical-sources", message, &place).with_help(help));
        }
        self.logical_source(statement).map(Some)
    }

    /// The number of the logical source or view that a statement leads to.
    pub(super) fn logical_source(&mut self, statement: &Statement) -> Read<usize> {
        let place = self.graph.place(statement);
        let node = self.described(statement, "a logical source")?;
        if let Some(known) = self.sources.get(&node) {
            return *known;
        }
        let number = self.enter(&node, &place, |reader| {
            let (marker, rows) = if let Some(on) = reader.at_most_one(&node, Property::ViewOn)? {
                (on, Rows::View(reader.view(&node, on)?))
            } else {
                let (marker, source) = reader.source(&node, &place)?;
                (marker, Rows::Source(source))
            };
            reader.mapping.sources.push(LogicalSource {
                name: name_of(&node),
                vocabulary: vocabulary(Some(marker)),
                rows,
                place: reader.graph.node_place(&node),
            });
            Ok(reader.mapping.sources.len() - 1)
        });
        self.sources.insert(node, number);
        number
    }

    fn source(&mut self, node: &NamedOrBlankNode, place: &Place) -> Read<(&'g Statement, Source)> {
        let graph = self.graph;
        for property in [Property::Query, Property::TableName] {
            if let Some(statement) = graph.values(node, property).next() {
                let shown = graph.show(statement.predicate.as_str());
                let message = format!("{shown} is for databases, and only files are read");
                let help =
                    "export the table or the query as CSV and write `rml:source \"table.csv\"`";
                let place = graph.predicate_place(statement);
                return self
                    .fail(fault("rml::unsupported-source", message, &place).with_help(help));
            }
        }
        let Some(statement) = self.at_most_one(node, Property::Source)? else {
            let message = format!(
                "the logical source {} has no rml:source",
                graph.show_node(node)
            );
            let help = "add `rml:source \"table.csv\"`";
            return self.fail(fault("rml::missing-source", message, place).with_help(help));
        };
        let mut source = self.access(statement)?;
        let is_table = source.dialect.is_some();
        source.formulation = match self.formulation(node)? {
            Some(found) => found,
            None if !is_table && has_ending(&source.path.value, "json") => Formulation::JsonPath,
            None => Formulation::Csv,
        };
        if let Some(iterator) = self.at_most_one(node, Property::Iterator)? {
            source.iterator = Some(self.text(iterator)?);
        }
        // Older drafts have these at the logical source.
        self.file_properties(node, &mut source)?;
        Ok((statement, source))
    }

    /// How references lead to values, if a node says so.
    pub(super) fn formulation(&mut self, node: &NamedOrBlankNode) -> Read<Option<Formulation>> {
        let Some(statement) = self.at_most_one(node, Property::ReferenceFormulation)? else {
            return Ok(None);
        };
        let name = local_name(&statement.object);
        Ok(Some(if name.eq_ignore_ascii_case("CSV") {
            Formulation::Csv
        } else if name.eq_ignore_ascii_case("JSONPath") {
            Formulation::JsonPath
        } else {
            Formulation::Other(match &statement.object {
                Term::NamedNode(iri) => iri.as_str().to_owned(),
                other => other.to_string(),
            })
        }))
    }

    // What `rml:source` leads to: a path, or a node that describes the access.
    fn access(&mut self, statement: &Statement) -> Read<Source> {
        let graph = self.graph;
        let place = graph.place(statement);
        let described = node(&statement.object).filter(|node| graph.is_described(node));
        let Some(node) = described else {
            let path = self.iri_text(statement)?;
            return Ok(plain(path));
        };
        let properties = [
            Property::Path,
            Property::CsvwUrl,
            Property::DownloadUrl,
            Property::CarmlUrl,
        ];
        for property in properties {
            let Some(path) = self.at_most_one(&node, property)? else {
                continue;
            };
            let mut source = plain(self.iri_text(path)?);
            source.root = self.root(&node)?;
            self.file_properties(&node, &mut source)?;
            if property == Property::CsvwUrl {
                source.dialect = Some(self.dialect(&node)?);
                self.csvw_nulls(&node, &mut source)?;
            }
            return Ok(source);
        }
        if let Some(distribution) = graph.values(&node, Property::Distribution).next() {
            return self.enter(&node, &place, |reader| reader.access(distribution));
        }
        if let Some(path) = graph.values(&node, Property::AccessUrl).next() {
            let path = self.iri_text(path)?;
            return Ok(plain(path));
        }
        let classes: Vec<_> = graph
            .classes(&node)
            .map(|class| graph.show(class.as_str()))
            .collect();
        let what = match classes.as_slice() {
            [] => "the source".to_owned(),
            classes => format!("a source of the class {}", classes.join(", ")),
        };
        let message = format!("{what} names no file");
        let is_stream = graph
            .classes(&node)
            .any(|class| local_name(&class.clone().into()) == "Stream");
        let help = if is_stream {
            "a stream has no name here: write `rml:source \"table.csv\"`, or `rml:source \"/dev/stdin\"` for what is piped in"
        } else {
            "files have an `rml:path`, a `csvw:url` or a `dcat:downloadURL`; databases and services are not read"
        };
        self.fail(fault("rml::unsupported-source", message, &place).with_help(help))
    }

    /// What a relative path of a node stands in.
    pub(super) fn root(&mut self, node: &NamedOrBlankNode) -> Read<Root> {
        let Some(statement) = self.at_most_one(node, Property::Root)? else {
            return Ok(Root::Unstated);
        };
        Ok(match local_name(&statement.object) {
            "MappingDirectory" => Root::MappingDirectory,
            "CurrentWorkingDirectory" => Root::CurrentWorkingDirectory,
            _ => Root::Path(self.iri_text(statement)?.value),
        })
    }

    fn file_properties(&mut self, node: &NamedOrBlankNode, source: &mut Source) -> Read<()> {
        if let Some(encoding) = self.at_most_one(node, Property::Encoding)? {
            source.encoding = Some(local_name(&encoding.object).to_owned());
        }
        if let Some(compression) = self.compression(node)? {
            source.compression = Some(compression);
        }
        for statement in self.graph.values(node, Property::Null) {
            source.nulls.push(self.text(statement)?.value);
        }
        Ok(())
    }

    /// The compression of a node, if it says so.
    pub(super) fn compression(&mut self, node: &NamedOrBlankNode) -> Read<Option<At<String>>> {
        let Some(statement) = self.at_most_one(node, Property::Compression)? else {
            return Ok(None);
        };
        let place = self.graph.place(statement);
        let value = match local_name(&statement.object).to_ascii_lowercase().as_str() {
            name @ ("gzip" | "zip" | "targz" | "tarxz" | "none") => name.to_owned(),
            "targzip" => "targz".to_owned(),
            _ => {
                let message = format!("the compression {} is not known", statement.object);
                let help = "write `rml:gzip`, `rml:zip`, `rml:targz`, `rml:tarxz` or `rml:none`";
                let diagnostic = fault("rml::unknown-compression", message, &place);
                return self.fail(diagnostic.with_help(help));
            }
        };
        Ok(Some(At { value, place }))
    }

    fn csvw_nulls(&mut self, table: &NamedOrBlankNode, source: &mut Source) -> Read<()> {
        for statement in self.graph.values(table, Property::CsvwNull) {
            for statement in self.members(statement) {
                source.nulls.push(self.text(statement)?.value);
            }
        }
        Ok(())
    }

    // The members of a list, or the one value that stands for it.
    fn members(&self, statement: &'g Statement) -> Vec<&'g Statement> {
        let list = self.graph.list(&statement.object);
        list.unwrap_or_else(|| vec![statement])
    }

    /// Spec: metadata §5.9
    fn dialect(&mut self, table: &NamedOrBlankNode) -> Read<CsvwDialect> {
        let mut dialect = CsvwDialect::default();
        let Some(statement) = self.at_most_one(table, Property::CsvwDialect)? else {
            return Ok(dialect);
        };
        let node = self.described(statement, "a csvw:Dialect")?;
        for statement in self.graph.about(&node) {
            let Some(name) = statement.predicate.as_str().strip_prefix(CSVW) else {
                continue;
            };
            match name {
                "delimiter" => dialect.delimiter = Some(self.text(statement)?.value),
                "quoteChar" => dialect.quote_char = Some(self.text(statement)?.value),
                "commentPrefix" => dialect.comment_prefix = Some(self.text(statement)?.value),
                "encoding" => dialect.encoding = Some(self.text(statement)?.value),
                "trim" => dialect.trim = Some(self.text(statement)?.value),
                "doubleQuote" => dialect.double_quote = Some(self.boolean(statement)?),
                "header" => dialect.header = Some(self.boolean(statement)?),
                "skipBlankRows" => dialect.skip_blank_rows = Some(self.boolean(statement)?),
                "skipInitialSpace" => dialect.skip_initial_space = Some(self.boolean(statement)?),
                "headerRowCount" => dialect.header_row_count = Some(self.number(statement)?),
                "skipRows" => dialect.skip_rows = Some(self.number(statement)?),
                "skipColumns" => dialect.skip_columns = Some(self.number(statement)?),
                "lineTerminators" => {
                    for statement in self.members(statement) {
                        let text = self.text(statement)?.value;
                        dialect.line_terminators.push(text);
                    }
                }
                // The table has it; what stands here is meant for it.
                "null" => {}
                _ => {
                    let message =
                        format!("`csvw:{name}` is no property of a dialect; it is passed over");
                    let place = self.graph.predicate_place(statement);
                    let location = place.location();
                    self.diagnostics.push(Diagnostic::warning(
                        "rml::unknown-property",
                        message,
                        location,
                    ));
                }
            }
        }
        Ok(dialect)
    }

    fn number(&mut self, statement: &Statement) -> Read<usize> {
        let text = self.text(statement)?;
        if let Ok(number) = text.value.parse() {
            return Ok(number);
        }
        let message = format!("`{}` is no number of rows or columns", text.value);
        self.fail(fault("rml::not-a-number", message, &text.place))
    }
}

fn plain(path: At<String>) -> Source {
    Source {
        path,
        root: Root::Unstated,
        formulation: Formulation::Csv,
        iterator: None,
        encoding: None,
        compression: None,
        nulls: Vec::new(),
        dialect: None,
    }
}

// Whether a file's name ends so, before the endings of compressed files.
fn has_ending(path: &str, ending: &str) -> bool {
    let name = ["gz", "gzip", "zst", "zip"]
        .iter()
        .fold(path, |name, packed| {
            name.strip_suffix(packed)
                .and_then(|name| name.strip_suffix('.'))
                .unwrap_or(name)
        });
    name.rsplit_once('.')
        .is_some_and(|(_, found)| found.eq_ignore_ascii_case(ending))
}
