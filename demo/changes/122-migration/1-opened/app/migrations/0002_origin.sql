alter table teas add column origin text;
