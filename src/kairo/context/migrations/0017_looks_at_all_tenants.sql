-- Which tenants have something to do is asked once, and not of every tenant: by the owner of the tables, who says that it looks at
-- all of them. For the application's role nothing changes: it sees the rows of its own tenant.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['outbox', 'type_set', 'change_counter']
    LOOP
        EXECUTE format('CREATE POLICY of_all ON %I FOR SELECT USING (current_setting(''app.tenant'', true) = ''*'''
                       ' AND current_user <> ''kairo_app'')', name);
    END LOOP;
END $$;
