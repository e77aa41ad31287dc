//! The logical source of a scan.

use super::Raiser;
use super::build::Builder;
use crate::diagnostic::Severity;
use crate::mapping::rml::model::{CsvwDialect, Formulation, Root, Source};
use crate::plan::TableScan;
use crate::table::{Dialect, Trim};

/// The texts that stand for no value in every column that rules use.
pub(super) fn common_nulls(scan: &TableScan) -> Vec<String> {
    let mut common: Option<Vec<String>> = None;
    let used = used_columns(scan);
    for (column, _) in scan.columns.iter().zip(used).filter(|(_, used)| *used) {
        let texts = column.cell.null.texts();
        match &mut common {
            None => common = Some(texts.to_vec()),
            Some(common) => common.retain(|text| texts.contains(text)),
        }
    }
    common.unwrap_or_else(|| vec![String::new()])
}

/// Of each column, in the order of the scan, whether rules use it.
fn used_columns(scan: &TableScan) -> Vec<bool> {
    let mut used = vec![false; scan.all_columns().count()];
    for rule in &scan.rules {
        rule.when.iter().for_each(|column| used[*column] = true);
        rule.each_column(&mut |column| used[column] = true);
    }
    used
}

impl Raiser<'_> {
    /// The file and how it is read.
    pub(super) fn source(&mut self, builder: &Builder) -> Source {
        let dialect = &self.scan.dialect;
        if dialect.header_row_count == 0 {
            let message = "the table has no header, by which RML names columns; they are `_col.1` and so on here";
            self.tell(Severity::Warning, 0, None, message.to_owned());
        }
        if self.scan.view.is_some() || !self.scan.joins.is_empty() {
            let message = "rows that are more than those of a table are left out";
            self.tell(Severity::Warning, 0, None, message.to_owned());
        }
        let mut seen = Vec::new();
        for title in &self.table.header {
            if !title.is_empty() && seen.contains(&title) {
                let message = format!(
                    "two columns have the header `{title}`, by which RML cannot tell them apart"
                );
                self.tell(Severity::Warning, 0, None, message);
                break;
            }
            seen.push(title);
        }
        let dialect = given(dialect);
        Source {
            path: builder.at(self.table.path.clone()),
            root: Root::Unstated,
            formulation: Formulation::Csv,
            iterator: None,
            encoding: None,
            compression: None,
            nulls: self.nulls.clone(),
            dialect: (dialect != CsvwDialect::default()).then_some(dialect),
        }
    }
}

// What differs from how RML reads a table anyway.
fn given(dialect: &Dialect) -> CsvwDialect {
    let usual = Dialect::default();
    let differs = |text: &String, usual: &String| (text != usual).then(|| text.clone());
    let has_other_ends = dialect.line_terminators != usual.line_terminators;
    CsvwDialect {
        delimiter: differs(&dialect.delimiter, &usual.delimiter),
        quote_char: (dialect.quote_char != usual.quote_char)
            .then(|| dialect.quote_char.map(String::from).unwrap_or_default()),
        double_quote: (!dialect.double_quote).then_some(false),
        comment_prefix: dialect.comment_prefix.clone(),
        encoding: (!dialect.encoding.eq_ignore_ascii_case("utf-8"))
            .then(|| dialect.encoding.clone()),
        header: (dialect.header_row_count == 0).then_some(false),
        header_row_count: (dialect.header_row_count > 1).then_some(dialect.header_row_count),
        skip_rows: (dialect.skip_rows > 0).then_some(dialect.skip_rows),
        skip_columns: (dialect.skip_columns > 0).then_some(dialect.skip_columns),
        skip_blank_rows: dialect.skip_blank_rows.then_some(true),
        skip_initial_space: None,
        trim: match dialect.trim {
            Trim::None => None,
            Trim::Start => Some("start".to_owned()),
            Trim::End => Some("end".to_owned()),
            Trim::Both => Some("true".to_owned()),
        },
        line_terminators: if has_other_ends {
            dialect.line_terminators.clone()
        } else {
            Vec::new()
        },
    }
}
