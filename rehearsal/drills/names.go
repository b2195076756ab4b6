package drills

// The gateway's ids of what the stack declares. They are written down once more here, as the program's outputs do not name
// them; a test compares them with the program's own.

// subscriptionID is a team's subscription on a product.
func subscriptionID(team, product string) string { return team + "-" + product }

// backendID is a deployment on an account.
func backendID(account, deployment string) string { return account + "-" + deployment }

// poolID is the pool of a deployment.
func poolID(deployment string) string { return "pool-" + deployment }
