using System.Globalization;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;
using Npgsql;

namespace NixStore.Catalog.Hydra;

/// <summary>Hydra's database, read by ranges of builds. Nothing is read twice but what is asked again after a connection was lost.</summary>
internal sealed class HydraDatabaseSource(HydraDatabase database, int buildsAtOnce) : IHydraSource
{
    /// <summary>Builds a step: about two million rows of hydra.nixos.org.</summary>
    internal const int BuildsAtOnce = 1_000_000;

    /// <inheritdoc/>
    public bool IsContinuation(HydraProgress progress) => progress.Source == database.Name;

    /// <inheritdoc/>
    public HydraProgress? Begin(HydraProgress? known, CancellationToken cancellation)
    {
        var (until, open) = Ask(
            connection =>
            {
                using var command = new NpgsqlCommand(SqlText.Of("Hydra/bounds"), connection);
                using var rows = command.ExecuteReader();
                rows.Read();
                var end = rows.GetInt64(0);
                return (end, rows.IsDBNull(1) ? end : Math.Min(end, rows.GetInt64(1)));
            },
            cancellation);
        if (known is not { IsComplete: true } || known.Source != database.Name)
        {
            return new HydraProgress { Source = database.Name, UntilBuild = until, OpenBuild = open };
        }

        return known.OpenBuild >= until ? null
            : known with { IsComplete = false, IsAddition = true, NextBuild = known.OpenBuild, UntilBuild = until, OpenBuild = open };
    }

    /// <inheritdoc/>
    public HydraPiece? Next(HydraProgress progress, CancellationToken cancellation)
    {
        var first = Ask(
            connection =>
            {
                using var command = new NpgsqlCommand("select min(build)::bigint from buildstepoutputs where build >= $1 and build < $2", connection)
                {
                    Parameters = { new NpgsqlParameter { Value = progress.NextBuild }, new NpgsqlParameter { Value = progress.UntilBuild } },
                };
                return command.ExecuteScalar() as long?;
            },
            cancellation);
        if (first is not { } from)
        {
            return null;
        }

        var until = Math.Min(progress.UntilBuild, ((from / buildsAtOnce) + 1) * buildsAtOnce);
        return new HydraPiece((before, _) => before with { NextBuild = until }) { Read = (rows, stop) => Read(from, until, rows, stop) };
    }

    /// <inheritdoc/>
    public HydraProgress Complete(HydraProgress progress) => progress with { NextBuild = progress.UntilBuild };

    private void Read(long from, long until, DuckAppender rows, CancellationToken cancellation)
    {
        var sql = SqlText.Of("Hydra/outputs", ("from", from.ToString(CultureInfo.InvariantCulture)), ("until", until.ToString(CultureInfo.InvariantCulture)));
        _ = Ask(
            connection =>
            {
                using var stream = connection.BeginRawBinaryCopy(sql);
                var reader = new PgCopyReader(stream, 6);
                while (reader.Read())
                {
                    cancellation.ThrowIfCancellationRequested();
                    rows.Set(0, reader.Int64(0));
                    rows.Set(1, reader.Int32(1));
                    rows.Set(2, reader.Bytes(2));
                    rows.Set(3, reader.Bytes(3));
                    if (!reader.IsNull(4))
                    {
                        rows.Set(4, reader.Bytes(4));
                    }

                    if (!reader.IsNull(5))
                    {
                        rows.Set(5, reader.Int64(5));
                    }

                    rows.EndRow();
                }

                return rows.Count;
            },
            cancellation, () => rows.Count == 0);
    }

    private T Ask<T>(Func<NpgsqlConnection, T> question, CancellationToken cancellation, Func<bool>? mayRepeat = null)
        => HydraQuestion.Ask(database, question, cancellation, mayRepeat);
}
