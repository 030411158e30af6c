//! How departments look: a picture of the folder is in their cards as it is in the file.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{
    app::{Chat, Setup, card_of},
    company::northwind,
};

/// A square in which no point is like the next: of 32 points on a side it has about 4 KB.
fn noise(side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24).to_le_bytes()[0]
    };
    let data: Vec<u8> = (0..side * side * 4).map(|_| next()).collect();
    encoder.write_header().unwrap().write_image_data(&data).unwrap();
    bytes
}

/// The pictures of a card: address and text instead.
fn pictures(element: &Value, found: &mut Vec<(String, String)>) {
    match element {
        Value::Array(items) => items.iter().for_each(|item| pictures(item, found)),
        Value::Object(fields) => {
            if element["type"] == "Image" {
                let text = |key: &str| element[key].as_str().unwrap_or_default().to_owned();
                found.push((text("url"), text("altText")));
            }
            fields.values().for_each(|item| pictures(item, found));
        }
        _ => {}
    }
}

async fn is_drawn(bytes: Vec<u8>) {
    let mut files = northwind();
    let it = files.iter_mut().find(|(path, _)| *path == "tenants/it/tenant.yaml").unwrap();
    it.1.push_str("icon: icon.png\n");
    let address = format!("data:image/png;base64,{}", STANDARD.encode(&bytes));
    let app = Setup::new().files(files).picture("tenants/it/icon.png", bytes).start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.click("Computers").await;
    let shown = (address, "IT Service Desk".to_owned());
    assert!(drawn(&kim).contains(&shown), "in the header");
    kim.say("/restart").await;
    kim.click("Begin again").await;
    kim.say("/departments").await;
    assert!(drawn(&kim).contains(&shown), "in the row that leads there");
    app.finish().await;
}

/// The pictures of the newest card.
fn drawn(chat: &Chat<'_>) -> Vec<(String, String)> {
    let last = chat.sent().pop().unwrap();
    let mut found = Vec::new();
    pictures(card_of(&last.activity).unwrap(), &mut found);
    found
}

#[tokio::test]
async fn a_picture_of_the_folder_is_in_header_and_rows() {
    is_drawn(noise(8)).await;
}

#[tokio::test]
async fn a_picture_as_large_as_may_be_is_not_cut() {
    let bytes = noise(31);
    assert!((3_800..4_096).contains(&bytes.len()), "{}", bytes.len());
    is_drawn(bytes).await;
}
