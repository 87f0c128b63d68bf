-- When something was last used, to within some minutes. Rows of what is gone stay: they are small, and say nothing of anybody.
create table eventstore.last_used (
    tenant  text collate "C" not null,
    subject text collate "C" not null, -- id of a personal access token
    at      timestamptz not null,
    primary key (tenant, subject)
) with (fillfactor = 80);
