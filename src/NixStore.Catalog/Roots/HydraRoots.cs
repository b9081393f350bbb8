using System.Globalization;
using NixStore.Catalog.Hydra;
using NixStore.Catalog.Sql;
using Npgsql;

namespace NixStore.Catalog.Roots;

/// <summary>Outputs of builds of Hydra as roots, asked of its database. Nothing is changed there.</summary>
/// <param name="database">Hydra's.</param>
/// <param name="directory">The store directory of the catalog.</param>
public sealed class HydraRoots(HydraDatabase database, StoreDirectory directory)
{
    /// <summary>How all builds that Hydra is told to keep are called as an origin.</summary>
    public const string KeptOrigin = "kept builds";

    /// <summary>How a build is called as an origin.</summary>
    public static string OriginOf(long build) => string.Create(CultureInfo.InvariantCulture, $"build {build}");

    /// <summary>The latest successful build of each job of a jobset, and its builds that Hydra is told to keep.</summary>
    /// <param name="jobset"><c>project:jobset</c></param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">
    /// InvalidHydraJobset, HydraJobsetNotFound, RootListEmpty: none of its builds has succeeded; RootListCorrupt, and those of <see cref="HydraErrors"/>.
    /// </exception>
    public RootList FromJobset(string jobset, CancellationToken cancellation = default)
    {
        if (jobset.Split(':') is not [{ Length: > 0 } project, { Length: > 0 } name])
        {
            throw new NixStoreException("InvalidHydraJobset", StoreErrorKind.InvalidArgument, $"'{RootErrors.Show(jobset)}' is no jobset.", RootErrors.Show(jobset), "Write project:jobset, such as nixos:trunk-combined.");
        }

        var (exists, paths) = HydraQuestion.Ask(
            database,
            connection =>
            {
                using var command = Command(connection, "Roots/jobset-exists", project, name);
                return ((bool)command.ExecuteScalar()!, Read(connection, "Roots/jobset", project, name));
            },
            cancellation);
        if (!exists)
        {
            throw new NixStoreException("HydraJobsetNotFound", StoreErrorKind.NotFound, $"'{database}' has no jobset '{RootErrors.Show(jobset)}'.", jobset, "Check the names of project and jobset.");
        }

        return List(BinaryCacheRootKind.HydraJobset, jobset, paths);
    }

    /// <summary>A build by its number.</summary>
    /// <exception cref="NixStoreException">
    /// HydraBuildNotFound, HydraBuildNotSuccessful, RootListEmpty: nobody knows its outputs; RootListCorrupt, and those of <see cref="HydraErrors"/>.
    /// </exception>
    public RootList FromBuild(long build, CancellationToken cancellation = default)
    {
        var (state, paths) = HydraQuestion.Ask(database, connection => (StateOf(connection, build), Read(connection, "Roots/build", build)), cancellation);
        return state switch
        {
            null => throw new NixStoreException("HydraBuildNotFound", StoreErrorKind.NotFound, $"'{database}' has no build {build}.", OriginOf(build), "Check the number."),
            not (1, 0) => throw new NixStoreException("HydraBuildNotSuccessful", StoreErrorKind.NotFound,
                $"Build {build} of '{database}' has {(state.Value.Finished == 0 ? "not finished" : $"failed (status {state.Value.Status?.ToString(CultureInfo.InvariantCulture) ?? "unknown"})")}.",
                OriginOf(build), "Wait for it, or take a build that has succeeded."),
            _ => List(BinaryCacheRootKind.HydraBuild, OriginOf(build), paths),
        };
    }

    /// <summary>All successful builds that Hydra is told to keep.</summary>
    /// <exception cref="NixStoreException">RootListEmpty, RootListCorrupt, and those of <see cref="HydraErrors"/>.</exception>
    public RootList FromKeptBuilds(CancellationToken cancellation = default)
        => List(BinaryCacheRootKind.HydraBuild, KeptOrigin, HydraQuestion.Ask(database, connection => Read(connection, "Roots/kept"), cancellation));

    private RootList List(BinaryCacheRootKind kind, string origin, List<string> texts)
    {
        var source = $"{origin} of {database}";
        var paths = texts.Select((text, at) => directory.TryParse(text, out var path) ? path : throw RootErrors.Line(source, at + 1, text,
            text.StartsWith(directory.Path + "/", StringComparison.Ordinal) ? "it is no store path" : $"it is not in {directory}, the store directory of the catalog")).ToList();
        return paths.Count > 0 ? new RootList(kind, origin, paths) : throw RootErrors.Empty(source);
    }

    private static (int Finished, int? Status)? StateOf(NpgsqlConnection connection, long build)
    {
        using var command = Command(connection, "Roots/build-state", build);
        using var rows = command.ExecuteReader();
        return rows.Read() ? (rows.GetInt32(0), rows.IsDBNull(1) ? null : rows.GetInt32(1)) : null;
    }

    private static List<string> Read(NpgsqlConnection connection, string sql, params ReadOnlySpan<object> parameters)
    {
        using var command = Command(connection, sql, parameters);
        using var rows = command.ExecuteReader();
        var texts = new List<string>();
        while (rows.Read())
        {
            texts.Add(rows.GetString(0));
        }

        return texts;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<object> parameters)
    {
        var command = new NpgsqlCommand(SqlText.Of(sql), connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return command;
    }
}
