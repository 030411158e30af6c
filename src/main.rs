//! The command line.
use switchboard::company;

fn main() {
    let dir = std::env::args().nth(2).unwrap_or_else(|| "deploy/contoso".to_owned());
    let files = company::read_folder(std::path::Path::new(&dir)).expect("folder");
    let (company, problems) = company::load(&files);
    print!("{}", company::report::draw(&problems, &files, false));
    std::process::exit(i32::from(company.is_none()));
}
