//! A yardstick for `build`: loads N-Triples into Oxigraph's store in memory, as fast as its own
//! loader can. `benches/peers/measure.py` runs it.

use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::store::Store;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("no file is named")?;
    let text = std::fs::read(file)?;
    let store = Store::new()?;
    let mut loader = store.bulk_loader().with_num_threads(2);
    loader.parallel_load_from_slice(RdfParser::from_format(RdfFormat::NTriples), &text)?;
    loader.commit()?;
    // The time that it takes to drop the store is not loading.
    std::mem::forget(store);
    Ok(())
}
