namespace NixStore;

/// <summary>Splits names as Nix does (Nix libstore/names.cc, DrvName): the version begins behind the first dash that no letter follows.</summary>
public static class NixPackageName
{
    /// <summary>Where the dash in front of the version is; the name's length when there is none.</summary>
    public static int VersionStart(string name)
    {
        for (var i = 0; i + 1 < name.Length; i++)
        {
            if (name[i] == '-' && !char.IsAsciiLetter(name[i + 1]))
            {
                return i;
            }
        }

        return name.Length;
    }
}
