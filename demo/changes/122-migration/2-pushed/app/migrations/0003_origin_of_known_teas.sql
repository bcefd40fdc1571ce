update teas set origin = 'India' where name in ('Assam', 'Darjeeling First Flush');
update teas set origin = 'Japan' where name = 'Sencha';

alter table teas alter column origin set not null;
