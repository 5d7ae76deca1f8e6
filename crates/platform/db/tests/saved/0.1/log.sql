SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.event_batch (
    seq bigint NOT NULL,
    organisation text NOT NULL,
    source uuid NOT NULL,
    received_at bigint NOT NULL,
    count bigint NOT NULL,
    raw_bytes bigint NOT NULL,
    packed_bytes bigint NOT NULL,
    records bytea NOT NULL
);
CREATE TABLE public.event_log_head (
    id integer NOT NULL,
    seq bigint NOT NULL
);
CREATE TABLE public.event_log_reader (
    name text NOT NULL,
    released bigint NOT NULL
);
CREATE TABLE public.log_migration (
    version character varying NOT NULL,
    applied_at bigint NOT NULL
);
INSERT INTO public.event_batch VALUES (1, 'RX1', '01a20cad-1740-7646-8da9-f3ce64a34a05', 1795509000000000, 2, 36, 41, '\x28b52ffd2024050100d07b22496d616765223a22433a5c5c612e657865227d0a62227d0a0100729b4d');
INSERT INTO public.event_batch VALUES (2, 'RX1', '01a20cad-1740-7646-8da9-f3ce64a34a05', 1795509090000000, 2, 36, 41, '\x28b52ffd2024050100d07b22496d616765223a22433a5c5c612e657865227d0a62227d0a0100729b4d');
INSERT INTO public.event_log_head VALUES (1, 2);
INSERT INTO public.event_log_reader VALUES ('detect', 1);
INSERT INTO public.log_migration VALUES ('l0001_event_log', 1795537487);
ALTER TABLE ONLY public.event_batch
    ADD CONSTRAINT event_batch_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.event_log_head
    ADD CONSTRAINT event_log_head_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.event_log_reader
    ADD CONSTRAINT event_log_reader_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.log_migration
    ADD CONSTRAINT log_migration_pkey PRIMARY KEY (version);
